# step: alias
kubectl create service externalname docs --external-name kubernetes.io
kubectl get services
kubectl exec client -- nslookup docs.default.svc.cluster.local

# step: inside
kubectl get services -n lab
kubectl create service externalname stock --external-name stock.lab.svc.cluster.local
kubectl exec client -- curl -s http://stock
kubectl get endpointslices

# step: alone
kubectl create deployment stock --image=gcr.io/google-samples/hello-app:2.0
kubectl rollout status deployment/stock
kubectl delete service stock
kubectl expose deployment/stock --port 80 --target-port 8080
kubectl exec client -- curl -s http://stock
