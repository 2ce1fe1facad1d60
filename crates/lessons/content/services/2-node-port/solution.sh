# step: open
kubectl expose deployment/web --type=NodePort --port 80 --target-port 8080
kubectl get services
export NODE_PORT=$(kubectl get service web -o jsonpath='{.spec.ports[0].nodePort}')
curl http://$(minikube ip):$NODE_PORT

# step: every
kubectl get pods -o wide
kubectl get nodes -o wide
for node in minikube minikube-m02 minikube-m03; do curl -s http://$(minikube ip -n $node):$NODE_PORT; done

# step: choose
kubectl patch service web --type=json -p '[{"op": "replace", "path": "/spec/ports/0/nodePort", "value": 30080}]'
kubectl get service web
curl http://$(minikube ip):30080

# step: alone
kubectl create service nodeport admin --tcp=80:80 --node-port=30090
curl http://$(minikube ip -n minikube-m03):30090
