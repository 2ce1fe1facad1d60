# step: file
kubectl get pods -o wide
cat service.yaml
kubectl apply -f service.yaml
kubectl describe service hello
CLUSTER_IP=$(kubectl get service hello -o jsonpath='{.spec.clusterIP}')
curl -m 3 http://$CLUSTER_IP
minikube ssh "curl -s http://$CLUSTER_IP"
kubectl exec deployment/hello -- curl -s http://hello

# step: json
cat service.json
kubectl apply -f service.json
sleep 1
curl http://$(minikube ip):30080

# step: types
kubectl patch service hello -p '{"spec":{"type":"LoadBalancer"}}'
kubectl create service externalname docs --external-name=kubernetes.io
kubectl get services
kubectl run look -it --rm --restart=Never --image=busybox -- nslookup docs.default.svc.cluster.local

# step: mortal
minikube node stop minikube-m02
sleep 60
kubectl get nodes
sleep 330
kubectl get pods -o wide
for i in $(seq 8); do curl -s http://$(minikube ip):30080; done

# step: labels
minikube node start minikube-m02
kubectl label pods -l app=hello environment=test
kubectl get pods -L app,environment
POD_NAME=$(kubectl get pods -l app=hello -o jsonpath='{.items[0].metadata.name}')
kubectl label pod $POD_NAME app=resting --overwrite
kubectl get pods -L app,environment
kubectl get pods -l 'environment in (test,production),app!=hello'

# step: alone
kubectl label $(kubectl get pods -l app=hello -o name | head -n 2) track=canary
kubectl expose deployment hello --name=canary --selector=app=hello,track=canary --port=80 --target-port=8080 --type=NodePort
sleep 1
for i in $(seq 12); do curl -s $(minikube service canary --url); done
