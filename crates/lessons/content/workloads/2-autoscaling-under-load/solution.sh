# step: measure
minikube addons enable metrics-server
kubectl rollout status -n kube-system deployment/metrics-server
sleep 60
kubectl top pods

# step: autoscaler
kubectl autoscale deployment shop --cpu=50% --min=1 --max=5
kubectl get hpa
sleep 60
kubectl get hpa

# step: up
kubectl run load --image=busybox:1.36 -- sh -c 'while sleep 0.1; do wget -q -O- http://shop > /dev/null; done'
sleep 60
kubectl get hpa
kubectl top pods
sleep 60
kubectl get hpa
kubectl top pods
kubectl describe hpa shop

# step: down
kubectl delete pod load --now
sleep 60
kubectl get hpa
sleep 360
kubectl get hpa
kubectl get pods

# step: alone
kubectl patch hpa shop -p '{"spec": {"minReplicas": 2, "maxReplicas": 8}}'
for name in load-1 load-2; do kubectl run $name --image=busybox:1.36 -- sh -c 'while sleep 0.1; do wget -q -O- http://shop > /dev/null; done'; done
sleep 240
kubectl get hpa
