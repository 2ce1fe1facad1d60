# step: look
curl http://$(minikube ip):30080
kubectl exec deployment/hello -- printenv GREETING

# step: map
kubectl create configmap hello --from-literal=GREETING="Good morning" --from-literal=COLOR=blue
kubectl describe configmap hello

# step: hand-over
kubectl apply -f hello-from-map.yaml
kubectl rollout status deployment/hello
curl http://$(minikube ip):30080

# step: alone
kubectl create namespace staging
kubectl create configmap hello -n staging --from-literal=GREETING="Only a test"
kubectl apply -f hello-from-map.yaml -n staging
kubectl rollout status deployment/hello -n staging
kubectl exec deployment/hello -n staging -- curl -s localhost
