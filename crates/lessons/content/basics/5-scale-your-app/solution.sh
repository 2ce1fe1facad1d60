# step: up
kubectl expose deployment/kubernetes-bootcamp --type="LoadBalancer" --port 8080
kubectl get deployments
kubectl get rs
kubectl scale deployments/kubernetes-bootcamp --replicas=4
kubectl get deployments
kubectl rollout status deployments/kubernetes-bootcamp
kubectl get pods -o wide
kubectl describe deployments/kubernetes-bootcamp

# step: spread
kubectl describe services/kubernetes-bootcamp
export NODE_PORT="$(kubectl get services/kubernetes-bootcamp -o go-template='{{(index .spec.ports 0).nodePort}}')"
curl http://"$(minikube ip):$NODE_PORT"
for i in 1 2 3 4 5 6 7 8; do curl -s http://"$(minikube ip):$NODE_PORT"; done

# step: tunnel
kubectl get services
# terminal: 2
minikube tunnel
# terminal: 1
sleep 2
kubectl get services

# step: down
kubectl scale deployments/kubernetes-bootcamp --replicas=2
kubectl get deployments
kubectl get pods -o wide
kubectl scale deployments/kubernetes-bootcamp --replicas=0
kubectl scale deployments/kubernetes-bootcamp --replicas=4
kubectl rollout status deployments/kubernetes-bootcamp

# step: auto
kubectl autoscale deployment kubernetes-bootcamp --min=2 --max=6 --cpu-percent=50
kubectl get hpa
kubectl delete hpa kubernetes-bootcamp
kubectl run web --image=nginx --replicas=3

# step: alone
kubectl scale deployment kubernetes-bootcamp --replicas=7
kubectl rollout status deployment/kubernetes-bootcamp
for i in $(seq 50); do curl -s http://"$(minikube ip):$NODE_PORT"; done
