# step: symptom
curl http://$(minikube ip):30080
kubectl get pods
kubectl get services

# step: trace
kubectl describe service shop
kubectl exec deployment/shop -- cat server.js
kubectl exec deployment/shop -- curl -s http://localhost:8080

# step: mend
sed -i 's/targetPort: 80/targetPort: 8080/; s/containerPort: 80/containerPort: 8080/' shop.yaml
kubectl apply -f shop.yaml
kubectl rollout status deployment/shop
curl http://$(minikube ip):30080

# step: alone
kubectl create service nodeport tea --tcp=8000:80 --node-port=30090
sleep 2
kubectl exec deployment/shop -- curl -s http://tea:8000
curl http://$(minikube ip):30090
