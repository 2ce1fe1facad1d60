# step: hidden
kubectl get pods
kubectl logs deployment/shop
kubectl exec deployment/shop -- tail -n 3 /var/log/shop/orders.log

# step: add
kubectl apply -f shop-with-shipper.yaml
kubectl rollout status deployment/shop
kubectl get pods

# step: read
sleep 5
kubectl logs deployment/shop -c shipper --tail=5
kubectl describe pod -l app=shop

# step: alone
sed 's/shop/museum/g; s/orders/visitors/; s/order $n is packed/visitor $n has come in/; s/name: logs/name: diary/; s:/var/log/museum:/diary:' shop-with-shipper.yaml > museum-with-reader.yaml
kubectl apply -f museum-with-reader.yaml
kubectl rollout status deployment/museum
sleep 5
kubectl logs deployment/museum --all-containers --tail=5
