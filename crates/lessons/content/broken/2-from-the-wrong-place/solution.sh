# step: symptom
kubectl get services
curl -m 3 http://$(kubectl get service shop -o jsonpath='{.spec.clusterIP}')

# step: suspects
kubectl get pods
kubectl describe service shop
kubectl exec deployment/desk -- wget -qO- -T 3 http://shop

# step: door
# terminal: 2
kubectl port-forward service/shop 9000:80
# terminal: 1
sleep 2
curl http://localhost:9000

# step: alone
kubectl patch service stock -p '{"spec":{"type":"NodePort"}}'
curl http://$(minikube ip):$(kubectl get service stock -o jsonpath='{.spec.ports[0].nodePort}')
