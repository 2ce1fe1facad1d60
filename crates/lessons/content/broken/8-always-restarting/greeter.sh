echo "greeter: starting"
sleep 5
if [ -z "$GREETING" ]; then
  echo "greeter: the variable GREETING is not set, I do not know what to say" >&2
  exit 3
fi
while true; do
  echo "$GREETING"
  sleep 5
done
