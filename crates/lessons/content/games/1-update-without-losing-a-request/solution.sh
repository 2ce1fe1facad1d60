# step: lose
# terminal: 2
SHOP=http://$(minikube ip):30080
while sleep 0.2; do curl -s -m 1 -o /dev/null -w "%{http_code} " $SHOP; done
# terminal: 1
sleep 4
kubectl set image deployment/shop nginx=nginx:1.26
time kubectl rollout status deployment/shop
sleep 20

# step: keep
kubectl patch deployment shop -p '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","readinessProbe":{"httpGet":{"path":"/","port":80},"periodSeconds":1}}]}}}}'
kubectl rollout status deployment/shop
kubectl set image deployment/shop nginx=nginx:1.27
time kubectl rollout status deployment/shop

# step: quick
kubectl patch deployment shop -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":"100%","maxUnavailable":0}}}}'
kubectl set image deployment/shop nginx=nginx:1.28
time kubectl rollout status deployment/shop

# step: alone
kubectl patch deployment shop -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}}'
kubectl set image deployment/shop nginx=nginx:1.29
time kubectl rollout status deployment/shop
