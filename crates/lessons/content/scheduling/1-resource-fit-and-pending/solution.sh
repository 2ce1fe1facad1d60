# step: room
kubectl get nodes -o custom-columns=NAME:.metadata.name,CPU:.status.allocatable.cpu,MEMORY:.status.allocatable.memory
kubectl describe node minikube-m02

# step: request
kubectl create deployment render --image=nginx --replicas=3
kubectl set resources deployment render --requests=cpu=3
kubectl rollout status deployment/render
kubectl get pods -o wide
kubectl describe node minikube-m02

# step: pending
kubectl scale deployment render --replicas=4
kubectl get pods -o wide
kubectl describe pods -l app=render
kubectl get events --field-selector reason=FailedScheduling

# step: fit
kubectl set resources deployment render --requests=cpu=1
kubectl rollout status deployment/render
kubectl get pods -o wide

# step: alone
kubectl apply -f archive.yaml
sleep 3
kubectl describe pods -l app=archive
kubectl set resources deployment archive --requests=cpu=100m,memory=2Gi
kubectl rollout status deployment/archive
