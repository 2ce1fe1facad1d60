# step: percent
kubectl describe deployment hello | grep Strategy
kubectl set image deployment/hello hello=docker.io/jocatalin/kubernetes-bootcamp:v2
kubectl get rs
kubectl get deployment hello
kubectl rollout status deployment/hello

# step: numbers
kubectl patch deployment hello -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":2,"maxUnavailable":0}}}}'
kubectl set env deployment/hello COLOUR=blue
kubectl get rs
kubectl rollout status deployment/hello

# step: ready
kubectl set image deployment/hello hello=nginx
sleep 15
kubectl get pods
kubectl get deployment hello
for i in $(seq 10); do curl -s http://$(minikube ip):30080; done

# step: revisions
kubectl rollout history deployment/hello
kubectl rollout history deployment/hello --revision=2
kubectl rollout undo deployment/hello --to-revision=2
kubectl annotate deployment/hello kubernetes.io/change-cause="back to version 2"
kubectl rollout status deployment/hello
kubectl rollout history deployment/hello
kubectl get rs

# step: alone
kubectl patch deployment hello -p '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":2}}}}'
kubectl set image deployment/hello hello=gcr.io/google-samples/kubernetes-bootcamp:v1
kubectl rollout status deployment/hello
