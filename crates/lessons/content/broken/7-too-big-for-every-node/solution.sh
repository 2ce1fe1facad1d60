# step: symptom
kubectl get deployments
kubectl get pods -o wide

# step: scheduler
kubectl describe $(kubectl get pods -o name -l app=bakery | head -n 1)

# step: mend
kubectl get nodes -o custom-columns=NAME:.metadata.name,CPU:.status.allocatable.cpu,MEMORY:.status.allocatable.memory
sed -i 's/cpu: 500/cpu: 500m/' bakery.yaml
kubectl apply -f bakery.yaml
kubectl rollout status deployment/bakery

# step: alone
kubectl apply -f mill.yaml
sleep 10
kubectl get pods -l app=mill -o wide
kubectl events --types=Warning
minikube node add
kubectl rollout status deployment/mill
