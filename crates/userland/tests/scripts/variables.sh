a=1 b="two words" c='$a'
echo $a "$b" $c ${a}x "${b}"
export EXP=yes; env | grep '^EXP='
unset a; echo "[${a}]" "${a:-dflt}" "${a-dflt2}" "${b:+set}" "${a:+unset}"
echo "${a:=assigned}" $a
path=/usr/local/lib/file.tar.gz
echo ${path##*/} ${path%/*} ${path%.gz} ${path%%.*} ${path#*/} ${#path}
echo ${path/local/LOCAL} ${path//l/L} ${path/#\/usr/X} ${path/%gz/Z}
echo ${path:5} ${path:5:5} ${path: -6} ${path:0:-7}
s=hello; echo ${s^} ${s^^} ${s:1:3}; S=HELLO; echo ${S,} ${S,,}
x=5; echo $((x+1)) $((x*2)) $((x**3)) $((x/2)) $((x%2)) $(( x > 3 ? 10 : 20 )) $((x++)) $x $((--x)) $x
echo $((0x1f)) $((010)) $((2#101)) $((1<<4)) $((~0)) $((!0)) $((5&3|8))
let y=3*4; echo $y; ((y+=1)); echo $y
arr=(one two "three four"); echo ${arr[0]} ${arr[2]} ${#arr[@]} "${arr[@]}" ${arr[-1]}
arr+=(five); arr[7]=seven; echo "${!arr[@]}"; for i in "${arr[@]}"; do echo "<$i>"; done
declare -A m; m[k]=v; m[other]="o v"; echo ${m[k]} "${m[other]}" ${#m[@]}
set -- p1 "p 2" p3; echo $# "$1" "$2" $* ; for p in "$@"; do echo "($p)"; done; shift; echo $1
IFS=:; v="a:b::c"; for f in $v; do echo "[$f]"; done; echo "$*"; unset IFS
ref=path; echo ${!ref}
readonly R=1; R=2; echo after
echo ${undefined:?is missing}
echo not reached
