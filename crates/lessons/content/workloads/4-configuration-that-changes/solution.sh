# step: two-ways
curl http://$(minikube ip):30080/title
curl http://$(minikube ip):30080/menu/dishes.txt

# step: change
kubectl diff -f summer.yaml
kubectl apply -f summer.yaml
sleep 120
curl http://$(minikube ip):30080/menu/dishes.txt

# step: restart
curl http://$(minikube ip):30080/title
kubectl rollout restart deployment/menu
kubectl rollout status deployment/menu
curl http://$(minikube ip):30080/title

# step: alone
sed 's/Summer/Autumn/; s/tomato salad/pumpkin pie/' summer.yaml > autumn.yaml
kubectl apply -f autumn.yaml
kubectl rollout restart deployment/menu
kubectl rollout status deployment/menu
curl http://$(minikube ip):30080/title
curl http://$(minikube ip):30080/menu/dishes.txt
