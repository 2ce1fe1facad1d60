# step: look
kubectl get pods
kubectl describe pods

# step: ask
# terminal: 2
kubectl proxy
# terminal: 1
export POD_NAME="$(kubectl get pods -o go-template --template '{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}')"
curl http://localhost:8001/api/v1/namespaces/default/pods/$POD_NAME:8080/proxy/
kubectl logs "$POD_NAME"

# step: inside
kubectl exec "$POD_NAME" -- env
kubectl exec -ti $POD_NAME -- bash
  cat server.js
  curl http://localhost:8080
  exit

# step: alone
kubectl create deployment web --image=nginx
kubectl rollout status deployment/web
kubectl exec deployment/web -- curl -s http://127.0.0.1
kubectl logs deployment/web
