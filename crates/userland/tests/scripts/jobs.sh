sleep 0.2 & pid=$!; wait $pid; echo waited $?
(sleep 0.1; exit 5) & wait $!; echo $?
trap 'echo trapped' EXIT
trap 'echo usr1' USR1; kill -USR1 $$; echo after
sleep 5 & sleep 0.1; kill $!; wait $! 2>/dev/null; echo $?
{ sleep 0.1; echo bg; } & echo fg; wait; echo end
(timeout 0.3 sleep 5 & sleep 0.1; echo inner; wait); echo $?
timeout 0.1 sleep 2; echo $?
x=$(sleep 0.1 & echo sub); echo $x
echo a | (sleep 0.1; cat) | cat
sh -c 'exit 3'; echo $?
sh -c 'echo $0 $1' zero one
bash -c 'echo "$@"' _ a "b c"
trap - USR1; trap
wait 12345; echo $?
eval 'echo evaled; false'; echo $?
. /dev/null; echo $?
echo 'echo sourced $1; return 2' > s.sh; . ./s.sh arg; echo $?
sleep 0.1 | sleep 0.1; echo ${PIPESTATUS[*]}
