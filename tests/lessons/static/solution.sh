# step: run
kubectl create deployment hello --image=nginx
kubectl get pods

# step: together
kubectl scale deployment hello --replicas=3
