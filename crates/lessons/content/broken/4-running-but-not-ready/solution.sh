# step: symptom
curl http://$(minikube ip):30080
kubectl get pods

# step: who
kubectl describe $(kubectl get pods -o name -l app=library | head -n 1)

# step: mend
kubectl exec deployment/library -- curl -s -i http://localhost/ready
kubectl exec deployment/library -- curl -s -i http://localhost/
sed -i 's|path: /ready|path: /|' library.yaml
kubectl apply -f library.yaml
kubectl rollout status deployment/library
sleep 2
curl http://$(minikube ip):30080

# step: alone
kubectl apply -f archive.yaml
sleep 15
kubectl get pods
kubectl events --types=Warning
sed -i 's/port: 8080/port: 80/' archive.yaml
kubectl apply -f archive.yaml
kubectl rollout status deployment/archive
sleep 2
curl http://$(minikube ip):30081
