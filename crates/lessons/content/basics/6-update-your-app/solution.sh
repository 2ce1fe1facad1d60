# step: before
kubectl get deployments
kubectl get pods
kubectl describe pods

# step: update
export NODE_PORT="$(kubectl get services/kubernetes-bootcamp -o go-template='{{(index .spec.ports 0).nodePort}}')"
kubectl set image deployments/kubernetes-bootcamp kubernetes-bootcamp=docker.io/jocatalin/kubernetes-bootcamp:v2
kubectl get pods
kubectl rollout status deployments/kubernetes-bootcamp
kubectl describe services/kubernetes-bootcamp
kubectl describe pods
curl http://"$(minikube ip):$NODE_PORT"

# step: broken
kubectl set image deployments/kubernetes-bootcamp kubernetes-bootcamp=gcr.io/google-samples/kubernetes-bootcamp:v10
kubectl get deployments
sleep 5
kubectl get pods
export AFFECTED_POD="$(kubectl get pods --field-selector status.phase=Pending -o go-template --template '{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}' | head -n 1)"
kubectl describe pod $AFFECTED_POD
curl http://"$(minikube ip):$NODE_PORT"

# step: undo
kubectl rollout history deployments/kubernetes-bootcamp
kubectl rollout undo deployments/kubernetes-bootcamp
kubectl get deployments
kubectl get pods
kubectl describe pods
kubectl rollout history deployments/kubernetes-bootcamp

# step: alone
kubectl rollout undo deployments/kubernetes-bootcamp --to-revision=1
kubectl rollout status deployments/kubernetes-bootcamp
for i in $(seq 10); do curl -s http://"$(minikube ip):$NODE_PORT"; done
kubectl delete deployments/kubernetes-bootcamp services/kubernetes-bootcamp
