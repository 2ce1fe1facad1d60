# step: start
minikube version
minikube start
minikube status
kubectl version

# step: nodes
kubectl cluster-info
kubectl get nodes
kubectl get nodes --help

# step: alone
minikube node add
