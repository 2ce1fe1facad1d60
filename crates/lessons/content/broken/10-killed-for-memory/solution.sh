# step: symptom
kubectl get pods
kubectl logs deployment/album --previous

# step: why
kubectl describe pods -l app=album

# step: mend
kubectl set resources deployment album --limits=memory=200Mi
kubectl rollout status deployment/album
sleep 15

# step: alone
kubectl apply -f studio.yaml
sleep 20
kubectl get pods
kubectl describe pods -l app=studio
kubectl set resources deployment studio -c framer --limits=memory=200Mi
kubectl rollout status deployment/studio
sleep 15
