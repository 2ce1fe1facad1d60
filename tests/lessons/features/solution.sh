# step: service
kubectl apply -f service.yaml
kubectl get pods -w   # ctrl-c after 3s
for i in 1 2 3 4 5 6; do
  curl -s "http://$(minikube ip):30080"
done
minikube ssh
  curl localhost:30080
  exit

# step: refused
kubectl delete service web
# terminal: 2
while true; do curl -s "http://$(minikube ip):30080/" || sleep 1; done
# terminal: 1
sleep 2

# step: image
kubectl create deployment shop --image=example.com/shop:1 --replicas=2
kubectl rollout status deployment shop
kubectl scale deployment web --replicas=1
