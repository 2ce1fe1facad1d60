# step: headless
kubectl exec client -- nslookup web.default.svc.cluster.local
kubectl get services
kubectl expose deployment/web --name web-pods --port 8080 --cluster-ip=None
kubectl get services
kubectl exec client -- nslookup web-pods.default.svc.cluster.local
kubectl get pods -l app=web -o wide

# step: direct
kubectl exec client -- curl -sS http://web-pods
kubectl exec client -- curl -s http://web-pods:8080

# step: alone
kubectl expose deployment/store --port 6379 --cluster-ip=None
kubectl scale deployment/store --replicas=4
kubectl rollout status deployment/store
kubectl exec client -- nslookup store.default.svc.cluster.local
