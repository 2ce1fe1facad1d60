# step: label
kubectl get pods --show-labels
kubectl get pods -l app=web
kubectl label pods -l app=web env=test
export POD=$(kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}')
kubectl label pod $POD tier=canary
kubectl get pods -l 'env=test,tier!=canary'

# step: out
kubectl describe service web
kubectl label pod $POD app=debug --overwrite
kubectl get pods --show-labels
kubectl describe service web
kubectl exec $POD -- curl -s http://localhost:8080
sleep 5

# step: back
kubectl label pod $POD app=web --overwrite
kubectl get pods -L app
kubectl get events --field-selector reason=SuccessfulDelete
sleep 6

# step: alone
kubectl set selector service web app=next
sleep 2
for i in 1 2 3 4 5; do curl -s http://$(minikube ip):30080; done
