# step: refused
kubectl get pods
kubectl logs deployment/db

# step: secret
kubectl create secret generic db --from-literal=POSTGRES_PASSWORD=correct-horse
kubectl describe secret db

# step: hand-over
kubectl set env deployment/db --from=secret/db
kubectl rollout status deployment/db
kubectl describe deployment db

# step: read
kubectl get secret db -o jsonpath='{.data.POSTGRES_PASSWORD}' | base64 -d

# step: alone
kubectl apply -f cache.yaml
sleep 10
kubectl describe pod -l app=cache
kubectl create secret generic cache-login --from-literal=password=battery-staple
kubectl rollout status deployment/cache --timeout=150s
