for i in 1 2 3; do echo -n "$i "; done; echo
i=0; while [ $i -lt 3 ]; do echo -n "$i,"; i=$((i+1)); done; echo
until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i
for ((j=0; j<3; j++)); do echo -n "$j;"; done; echo
if [ -z "" ] && ! false; then echo yes; elif true; then echo elif; else echo no; fi
if false; then :; else echo else; fi
case abc in a*) echo starts;; *) echo other;; esac
case x in y|x) echo alt;;& x) echo next;; z) echo z;; esac
case "a b" in "a b") echo quoted;; esac
case q in esac; echo "case $?"
for x in a b c d; do [ $x = b ] && continue; [ $x = d ] && break; echo $x; done
for a in 1 2; do for b in 1 2; do [ $b = 2 ] && continue 2; echo $a$b; done; done
f() { echo "f got $# $1"; return 3; }; f x y; echo $?
g() { local v=inner; echo $v; }; v=outer; g; echo $v
r() { if [ $1 -gt 0 ]; then echo -n "$1 "; r $(($1-1)); fi; }; r 3; echo
true && echo and || echo or; false && echo and || echo or
(exit 7); echo $?
( cd /; x=sub; ); echo "${x}"
{ echo group; echo two; } | cat
! true; echo $?
[[ abc == a* && ! abc == b* ]] && echo match; [[ abc =~ ^a(b)c$ ]] && echo ${BASH_REMATCH[1]}
[[ 2 -lt 10 ]] && echo num; [[ a < b ]] && echo less; [[ -n x && ( -z "" || false ) ]] && echo paren
[ 1 -eq 1 -a 2 -eq 2 ] && echo a; [ ! -e /nonexistent ] && echo ne; test -d / && echo dir
echo ${PIPESTATUS[@]}; false | true; echo ${PIPESTATUS[@]}
set -o pipefail; false | true; echo $?; set +o pipefail
while read a b; do echo "$b-$a"; done <<< $'1 2\n3 4 5'
echo "x y z" | { read a b; echo "$a|$b"; }
IFS=, read -r p q r <<< "1,2,3"; echo $p$q$r
while :; do break; done; echo done
select_not=1; echo $select_not
time_=1; (( 0 )) || echo zero; (( 5 )) && echo five
fn() { for i in "$@"; do case $i in -x) echo opt;; *) echo "arg $i";; esac; done; }; fn -x y
x=$(false); echo $?; x=$(echo hi; exit 4); echo $? $x
set -e; false || echo survived; if false; then :; fi; echo still
h() { false; echo "in h"; }; h || echo "h failed"
false
echo never
