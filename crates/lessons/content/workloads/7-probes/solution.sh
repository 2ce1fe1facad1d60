# step: both
for i in 1 2 3 4 5 6; do curl -s http://$(minikube ip):30080; done

# step: readiness
export POD=$(kubectl get pods -l app=web -o jsonpath='{.items[0].metadata.name}')
kubectl exec $POD -- rm /usr/share/nginx/html/ready
sleep 5
kubectl get pods
kubectl describe service web
for i in 1 2 3 4 5 6; do curl -s http://$(minikube ip):30080; done

# step: back
kubectl exec $POD -- touch /usr/share/nginx/html/ready
sleep 5
kubectl get pods

# step: liveness
kubectl exec $POD -- rm /usr/share/nginx/html/alive
sleep 25
kubectl get pods
kubectl describe pod $POD

# step: alone
kubectl apply -f slow.yaml
sleep 50
kubectl get pods -l app=slow
kubectl patch deployment slow --patch '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","startupProbe":{"httpGet":{"path":"/","port":80},"periodSeconds":5,"failureThreshold":24}}]}}}}'
kubectl rollout status deployment/slow --timeout=180s
