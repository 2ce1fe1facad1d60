# step: symptom
kubectl rollout status deployment/web --timeout=10s
kubectl get pods
curl http://$(minikube ip):30080

# step: why
kubectl events --types=Warning

# step: mend
kubectl set image deployment/web nginx=nginx:1.27
kubectl rollout status deployment/web

# step: alone
kubectl apply -f tea.yaml
sleep 10
kubectl describe $(kubectl get pods -o name -l app=tea | head -n 1)
sed -i 's/ngnix/nginx/' tea.yaml
kubectl apply -f tea.yaml
kubectl rollout status deployment/tea
