# step: symptom
kubectl get pods --show-labels
kubectl delete pods -l ribbon=red
kubectl get pods --show-labels

# step: owner
kubectl describe pods -l app=old-shop
kubectl describe replicasets -l app=old-shop

# step: top
kubectl delete deployment old-shop
sleep 10
kubectl get all

# step: alone
kubectl apply -f lamp.yaml
kubectl run guard --image=nginx:1.27
sleep 5
kubectl get pods -o custom-columns=NAME:.metadata.name,OWNER:.metadata.ownerReferences[0].kind
kubectl delete replicaset lamp
kubectl delete pod guard
kubectl create deployment guard --image=nginx:1.27
sleep 15
