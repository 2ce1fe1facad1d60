greet() { echo "hello ${1:-world}"; }
greet; greet bob
fact() { [ $1 -le 1 ] && echo 1 || echo $(( $1 * $(fact $(($1-1))) )); }; fact 5
opt() { while getopts "ab:c" o; do case $o in a) echo A;; b) echo "B=$OPTARG";; c) echo C;; *) echo bad;; esac; done; shift $((OPTIND-1)); echo "rest $*"; OPTIND=1; }
opt -a -b val x y; opt -cb v2 z; opt -q
function kw { echo kw $FUNCNAME_; }; kw
args() { echo $#; }; args "a b" c; args "$@"; e=""; args $e; args "$e"; args "${arr[@]}"
nested() { inner() { echo inner; }; inner; }; nested; inner
unset -f inner; inner; echo $?
redir() { cat; }; echo piped | redir
r() { echo out; echo err >&2; }; r 2>/dev/null; r >/dev/null
x=1; mod() { x=2; }; mod; echo $x; (mod2() { x=3; }; mod2); echo $x
v=5 greet; echo "[$v]"
VAR=tmp env | grep ^VAR=; echo "[$VAR]"
set -x; echo traced "a b"; y=$((1+1)); set +x
type greet | head -n 1; command -v cd greet
alias ll='ls -l'; ll nothing; echo $?
printf -v out '%03d' 7; echo $out
mapfile -t lines <<< $'l1\nl2'; echo ${#lines[@]} ${lines[1]}
declare -i n=5; n+=3; echo $n; declare -p n; declare -r ro=1; declare -p ro
echo ${x@Q} ${e@Q}
