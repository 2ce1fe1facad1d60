# step: run
kubectl create deployment hello --image=nginx
kubectl get pods

# step: alone
kubectl scale deployment hello --replicas=3
