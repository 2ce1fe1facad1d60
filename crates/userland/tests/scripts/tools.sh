printf 'b 2\na 10\nc 1\na 3\n' > d
sort d; sort -r d; sort -k2 -n d; sort -k1,1 -u d; sort -t' ' -k2,2nr d
printf 'x\nx\ny\nx\n' | uniq -c; printf 'x\nx\ny\n' | uniq -d
wc d; wc -l < d; wc -l d d; echo -n abc | wc -c
cut -d' ' -f2 d; echo a:b:c | cut -d: -f1,3; echo hello | cut -c2-3; echo a:b:c | cut -d: -f2-
head -n 2 d; head -1 d; tail -n 1 d; tail -n +3 d; head -c 3 d; echo; seq 5 | head -n -2
echo hello | tr a-y b-z; echo 'a  b' | tr -s ' '; echo abc | tr -d b; echo 'A B' | tr '[:upper:]' '[:lower:]'; echo a,b | tr , '\n'
grep a d; grep -c a d; grep -v a d; grep -n c d; grep -o '[0-9]*' d; grep -E '^(a|b) ' d; grep -q zzz d; echo $?
grep -i A d nofile; echo $?; grep -A1 b d; grep -B1 c d; echo foo.bar | grep -F .; grep -w a d; grep -l a d d
echo 'pod-1   Running' | awk '{print $2}'; awk '{s+=$2} END {print s, NR}' d; awk -F: '{print $1}' <<< 'x:y'
awk '$2 > 2 {print $1 "-" $2}' d; awk 'NR==2' d; awk '/a/ {c++} END {print c}' d; awk 'BEGIN {printf "%s %05.1f|%-4s|\n", "x", 3.14159, "ab"}'
awk '{a[$1]+=$2} END {for (k in a) print k, a[k]}' d | sort; awk 'BEGIN{for(i=0;i<3;i++) printf "%d ", i; print ""; while(i-->0) {if (i==1) continue; print i}}'
echo 'a,b;c' | awk '{n=split($0, p, /[,;]/); print n, p[3]; gsub(/[,;]/, "-"); print; print toupper(substr($0,1,2)), length($0), index($0,"b")}'
awk -v x=5 'function f(n) { return n*2 } BEGIN { print f(x), x^2, 7%3, 1/4, "a" < "b", !x }' 
awk '{$2="X"; print; print NF, $NF}' d | head -n 2; awk 'END{print $0}' d
sed 's/a/Z/' d; sed -n '2p' d; sed '1d;$d' d; sed -n '/b/,/c/p' d; sed 's/\([a-z]\) \([0-9]*\)/\2-\1/' d; sed -E 's/([a-z]) ([0-9]+)/\2\1/g' d
sed -i 's/a/q/g' d; cat d; sed '2i\inserted' d; sed '$a end' d; sed 's/q/&&/2;s|b|B|' d; sed -e 'y/abc/xyz/' -e 's/z/!/' d; sed '/q/!d' d; sed -n '$=' d
echo one two | sed 's/\w\+/[&]/g'; echo aaa | sed 's/a/b/2'; seq 6 | sed -n '2~2p'; seq 3 | sed 'N;s/\n/+/'; echo hello | sed 's/.*/\U&/'
seq 3; seq 2 2 6; seq -s, 3; seq 3 -1 1; seq -w 8 10
basename /a/b.txt .txt; dirname /a/b/c; basename /; dirname x
echo hello | base64; echo aGVsbG8K | base64 -d; printf 'admin' | base64
echo 'a b c' | xargs echo x; printf '1\n2\n3\n' | xargs -n 2 echo; printf 'p\nq\n' | xargs -I{} echo "<{}>"; echo | xargs -r echo no
mkdir -p x/y/z; touch x/f x/y/g; find x | sort; find x -name g; find x -type d | sort; find x -maxdepth 1 -type f; find x -name 'f' -exec echo got {} \;
ls x; ls -d x; ls nofile; cp x/f x/h; cp -r x w; ls w; mv x/h moved; ls moved; rm -r w; rm nofile; rm x; rmdir x; mkdir x; cp x v
ln -s d lnk; readlink lnk; cat lnk | head -n 1; [ -L lnk ] && echo link
chmod +x d; [ -x d ] && echo exec; chmod 644 d; stat -c '%a %s %n' d
echo same > s1; echo same > s2; diff s1 s2; echo $?; echo other > s2; diff s1 s2; echo $?; printf '1\n2\n3\n' > o; printf '1\nx\n3\n4\n' > n; diff o n
diff -u o n | tail -n +3
env -i A=1 env; env X=y sh -c 'echo $X'; printenv HOME | wc -l
date -u -d @0 +%Y-%m-%dT%H:%M:%SZ; date -u -d '2024-02-29 12:34:56' '+%a %b %d %j %s'
tee a1 a2 <<< tee; cat a1 a2; yes no | head -n 2; true; echo $?; test 3 -gt 2 && echo gt; expr_=1
tail -f /dev/null & kill $!; nl_=1; echo end
seq 20 | tail -n 3; seq 5 | sort -rn | head -n 2; printf '%s\n' 10 9 2 | sort -n; printf '1.10\n1.9\n' | sort -V
cat -n o; cat -A <<< $'a\tb'; tac_=1; which sh >/dev/null && echo which
timeout 1 true; echo $?; nosuch | cat; echo ${PIPESTATUS[0]}; ls --nosuch; grep; cat --nosuch; head -n x d
