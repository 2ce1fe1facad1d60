# step: run
kubectl create deployment hello --image=nginx
