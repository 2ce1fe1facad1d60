# step: stop
kubectl get pods -o wide
minikube node stop minikube-m02
kubectl get nodes
for i in 1 2 3 4 5 6 7 8; do curl -s -m 1 http://$(minikube ip):30080 || echo "no answer"; done
kubectl wait --for=condition=Ready=Unknown node/minikube-m02 --timeout=120s
kubectl get nodes

# step: wait
for i in 1 2 3 4 5 6 7 8; do curl -s -m 1 http://$(minikube ip):30080 || echo "no answer"; done
kubectl get pods -o wide
kubectl get deployment web
kubectl describe node minikube-m02

# step: evict
sleep 330
kubectl get pods -o wide
kubectl get events --field-selector reason=TaintManagerEviction

# step: back
minikube node start minikube-m02
kubectl wait --for=condition=Ready node/minikube-m02 --timeout=120s
kubectl get pods -o wide

# step: alone
kubectl rollout restart deployment/web
kubectl rollout status deployment/web
kubectl get pods -o wide
sleep 5
