# step: expose
kubectl get pods
kubectl get services
kubectl expose deployment/kubernetes-bootcamp --type="NodePort" --port 8080
kubectl get services
kubectl describe services/kubernetes-bootcamp

# step: reach
export NODE_PORT="$(kubectl get services/kubernetes-bootcamp -o go-template='{{(index .spec.ports 0).nodePort}}')"
echo "NODE_PORT=$NODE_PORT"
curl http://"$(minikube ip):$NODE_PORT"
minikube service kubernetes-bootcamp --url
minikube service kubernetes-bootcamp
minikube ssh "curl -s localhost:$NODE_PORT"

# step: labels
kubectl describe deployment
kubectl get pods -l app=kubernetes-bootcamp
kubectl get services -l app=kubernetes-bootcamp
export POD_NAME="$(kubectl get pods -o go-template --template '{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}')"
kubectl label pods "$POD_NAME" version=v1
kubectl label pod $POD_NAME run=v1
kubectl describe pods "$POD_NAME"
kubectl get pods -l version=v1
kubectl get pods -l run=v1

# step: remove
kubectl delete service -l app=kubernetes-bootcamp
kubectl get services
curl http://"$(minikube ip):$NODE_PORT"
minikube ssh "curl -s localhost:$NODE_PORT"
kubectl exec -ti $POD_NAME -- curl http://localhost:8080

# step: alone
kubectl expose deployment/kubernetes-bootcamp --name=hello --type=NodePort --port=80 --target-port=8080
sleep 1
curl "$(minikube service hello --url)"
