# step: ask
kubectl expose deployment/web --type=LoadBalancer --port 80 --target-port 8080
kubectl get services

# step: tunnel
# terminal: 2
minikube tunnel
# terminal: 1
sleep 5
kubectl get services
export EXTERNAL_IP=$(kubectl get service web -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
for i in 1 2 3 4 5 6; do curl -s http://$EXTERNAL_IP; done

# step: layers
kubectl describe service web
export NODE_PORT=$(kubectl get service web -o jsonpath='{.spec.ports[0].nodePort}')
curl http://$(minikube ip):$NODE_PORT
minikube ssh -- curl -s http://$(kubectl get service web -o jsonpath='{.spec.clusterIP}')

# step: alone
kubectl create deployment shop --image=nginx
kubectl expose deployment/shop --type=LoadBalancer --port 8000 --target-port 80
kubectl rollout status deployment/shop
sleep 5
curl http://$(kubectl get service shop -o jsonpath='{.status.loadBalancer.ingress[0].ip}'):8000
