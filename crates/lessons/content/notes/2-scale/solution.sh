# step: columns
kubectl get deployments
kubectl get rs
kubectl scale deployments/hello --replicas=4
kubectl get deployments
kubectl get rs
kubectl rollout status deployment/hello

# step: behind
kubectl describe deployment hello
kubectl get events --sort-by=.metadata.creationTimestamp
POD_NAME=$(kubectl get pods -l app=hello -o jsonpath='{.items[0].metadata.name}')
kubectl get pod $POD_NAME -o jsonpath='{.metadata.ownerReferences[0].kind} {.metadata.ownerReferences[0].name}{"\n"}'
kubectl delete pod $POD_NAME --wait=false
kubectl get pods
kubectl scale rs -l app=hello --replicas=1
kubectl get rs
sleep 3

# step: share
kubectl get endpointslices -l kubernetes.io/service-name=hello
for i in $(seq 20); do curl -s http://$(minikube ip):30080; done

# step: zero
kubectl scale deployment/hello --replicas=0
kubectl get pods
sleep 35
curl http://$(minikube ip):30080
kubectl apply -f app.yaml
kubectl get deployments
kubectl rollout status deployment/hello

# step: alone
sed -i 's/replicas: 2/replicas: 6/' app.yaml
kubectl apply -f app.yaml
sleep 8
