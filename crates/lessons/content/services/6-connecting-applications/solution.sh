# step: backend
kubectl logs deployment/frontend --tail 4
kubectl create deployment backend --image=gcr.io/google-samples/hello-app:1.0 --replicas=2
kubectl expose deployment/backend --port 80 --target-port 8080
sleep 10
kubectl logs deployment/frontend --tail 6

# step: names
kubectl exec deployment/frontend -- cat /etc/resolv.conf
kubectl exec deployment/frontend -- nslookup backend.default.svc.cluster.local
kubectl exec deployment/frontend -- curl -s http://backend.default
kubectl exec deployment/frontend -- curl -s http://backend.default.svc.cluster.local

# step: variables
kubectl exec deployment/frontend -- env
kubectl rollout restart deployment/frontend
kubectl rollout status deployment/frontend
kubectl exec deployment/frontend -- env
kubectl exec deployment/frontend -- sh -c 'curl -s http://$BACKEND_SERVICE_HOST:$BACKEND_SERVICE_PORT'

# step: alone
kubectl set env deployment/frontend BACKEND_URL=http://stock.lab
kubectl rollout status deployment/frontend
sleep 10
kubectl logs deployment/frontend --tail 6
