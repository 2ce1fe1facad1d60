export POD_NAME=$(printf '%s\n' "kubernetes-bootcamp-66d5c96cb-abcde")
echo Name of the Pod: $POD_NAME
export POD_NAME="$(echo -e "pod-a\n")"; echo "[$POD_NAME]"
export NODE_PORT="$(echo 30080)"
echo "NODE_PORT=$NODE_PORT"
for i in 1 2 3 4 5 6 7 8; do echo -n "$i "; done; echo
cat <<EOT > dep.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: $POD_NAME
spec:
  replicas: 3
EOT
sed -i 's/replicas: 3/replicas: 2/; s/apps.v1/apps\/v1/' dep.yaml; cat dep.yaml
cat dep.yaml | grep -A2 metadata | awk '{print $1}'
until [ -f ready ]; do touch ready; done; ls ready
while read -r name rest; do echo "$name => $rest"; done < dep.yaml | head -n 3
PODS=($(printf 'a\nb\nc\n')); echo "${#PODS[@]} ${PODS[1]}"
echo '{"a": "b"}' > j.json; cat j.json
VAR='{"spec":{"replicas":4}}'; echo "$VAR"; echo $VAR
printf '{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}\n'
echo '{{range .items}}{{.metadata.name}}{{"\n"}}{{end}}'
wait; x=$(wc -l < dep.yaml); echo $((x))
[[ "$POD_NAME" == pod-* ]] && echo pod
COUNT=0; while true; do COUNT=$((COUNT+1)); if [ $COUNT -ge 3 ]; then break; fi; done; echo $COUNT
