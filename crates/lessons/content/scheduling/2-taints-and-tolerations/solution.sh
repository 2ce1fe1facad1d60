# step: taint
kubectl taint nodes minikube-m03 gpu=true:NoSchedule
kubectl describe node minikube-m03
kubectl create deployment web --image=nginx --replicas=6
kubectl rollout status deployment/web
kubectl get pods -o wide

# step: tolerate
kubectl apply -f train.yaml
kubectl rollout status deployment/train
kubectl get pods -o wide

# step: leave
kubectl taint nodes minikube-m02 maintenance=today:NoExecute
sleep 10
kubectl get pods -o wide

# step: alone
kubectl taint nodes minikube-m02 maintenance-
kubectl taint nodes minikube reserved=true:NoSchedule
kubectl create deployment late --image=nginx --replicas=4
kubectl rollout status deployment/late
kubectl get pods -o wide
