# step: must
kubectl apply -f db.yaml
kubectl get pods -o wide
kubectl describe pod -l app=db
kubectl label node minikube-m02 disk=ssd
kubectl get nodes -L disk
kubectl rollout status deployment/db

# step: prefer
kubectl apply -f reports.yaml
kubectl rollout status deployment/reports
kubectl get pods -o wide -l app=reports
kubectl cordon minikube-m02
kubectl scale deployment reports --replicas=5
kubectl rollout status deployment/reports
kubectl get pods -o wide -l app=reports
kubectl uncordon minikube-m02

# step: spread
kubectl apply -f web.yaml
kubectl rollout status deployment/web
kubectl get pods -o wide -l app=web

# step: alone
sed 's/web/guard/; s/: 6/: 3/' web.yaml > guard.yaml
kubectl apply -f guard.yaml
kubectl rollout status deployment/guard
kubectl get pods -o wide -l app=guard
