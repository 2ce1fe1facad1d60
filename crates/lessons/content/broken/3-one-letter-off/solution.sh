# step: symptom
curl http://$(minikube ip):30080
kubectl get pods

# step: whom
kubectl get endpointslices
kubectl describe service bakery

# step: compare
kubectl get service bakery -o wide
kubectl get pods --show-labels
kubectl get pods -l app=bakerry
kubectl set selector service bakery app=bakery
sleep 2
curl http://$(minikube ip):30080

# step: alone
kubectl apply -f mill.yaml
kubectl rollout status deployment/mill
kubectl get service mill -o wide
kubectl get pods --show-labels
kubectl set selector service mill app=mill,tier=backend
sleep 2
curl http://$(minikube ip):30081
