# step: symptom
kubectl get pods
sleep 30
kubectl get pods

# step: words
kubectl describe pods -l app=greeter
kubectl logs deployment/greeter --previous

# step: mend
kubectl set env deployment/greeter GREETING="Good morning"
kubectl rollout status deployment/greeter
sleep 25
kubectl logs deployment/greeter

# step: alone
kubectl apply -f clock.yaml
sleep 45
kubectl get pods
kubectl logs deployment/clock --previous
kubectl describe pods -l app=clock
sed -i 's/port: 8080/port: 80/' clock.yaml
kubectl apply -f clock.yaml
kubectl rollout status deployment/clock
sleep 30
