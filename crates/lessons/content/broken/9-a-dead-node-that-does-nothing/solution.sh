# step: symptom
kubectl get deployments
kubectl get pods

# step: where
kubectl get pods -o wide
kubectl get nodes
kubectl describe node minikube-m03

# step: wait
sleep 330
kubectl get pods -o wide

# step: alone
minikube node start minikube-m03
sleep 20
kubectl patch deployment shop -p '{"spec":{"template":{"spec":{"tolerations":[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":20},{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":20}]}}}}'
kubectl rollout status deployment/shop
minikube node stop minikube-m02
sleep 100
kubectl get pods -o wide
kubectl get deployments
