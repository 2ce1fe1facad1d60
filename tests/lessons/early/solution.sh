# step: run
kubectl create deployment hello --image=nginx
kubectl scale deployment hello --replicas=3
kubectl rollout status deployment hello

# step: alone
kubectl scale deployment hello --replicas=3
