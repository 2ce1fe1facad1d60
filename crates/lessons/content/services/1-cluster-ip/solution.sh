# step: addresses
kubectl get pods -o wide
export POD_IP=$(kubectl get pods -l app=web -o jsonpath='{.items[0].status.podIP}')
kubectl exec client -- curl -s http://$POD_IP:8080
kubectl delete pods -l app=web
kubectl get pods -o wide
kubectl exec client -- curl -sS -m 3 http://$POD_IP:8080

# step: service
kubectl expose deployment/web --port 80 --target-port 8080
kubectl get services
kubectl get endpointslices
for i in 1 2 3 4 5 6; do kubectl exec client -- curl -s http://web; done

# step: where
export CLUSTER_IP=$(kubectl get service web -o jsonpath='{.spec.clusterIP}')
curl -m 3 http://$CLUSTER_IP
minikube ssh -- curl -s http://$CLUSTER_IP

# step: alone
kubectl expose deployment/api --port 3000 --target-port 8080
kubectl exec client -- curl -s http://api:3000
