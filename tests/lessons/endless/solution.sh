# step: run
kubectl create deployment hello --image=nginx
kubectl get pods -w

# step: alone
kubectl scale deployment hello --replicas=3
