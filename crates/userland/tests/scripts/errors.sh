nosuchcommand; echo $?
./noexec; echo $?
touch plain; ./plain; echo $?
/; echo $?
cd /nonexistent; echo $?
cd a b; echo $?
[ 1 -eq x ]; echo $?
[ a b ]; echo $?
[ 1 = 1; echo $?
test 1 2 3 4 5; echo $?
shift 5; echo $?
break; echo $?
return 1; echo $?
local x; echo $?
export 1a=b; echo $?
unset -z; echo $?
kill -9 abc; echo $?
kill 99999999; echo $?
exec nosuch_thing 2>&1 | cat
type nosuch cd; echo $?
source nosuchfile; echo $?
echo $((1/0))
echo "after div"
echo ${x!y}
echo next
