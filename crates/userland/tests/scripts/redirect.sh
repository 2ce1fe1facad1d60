echo one > f; echo two >> f; cat f; cat < f | wc -l
ls /nonexistent 2> err; cat err; ls /nonexistent > both 2>&1; cat both
ls /nonexistent &> both2; wc -l < both2
echo err >&2
{ echo out; echo err >&2; } 2>/dev/null
exec 3> three; echo to three >&3; exec 3>&-; cat three
exec 4< f; read x <&4; read y <&4; echo $x $y; exec 4<&-
cat nofile
cat < nofile; echo $?
echo x > /nodir/x; echo $?
for i in 1 2; do echo $i; done > loop; cat loop
while read l; do echo "l:$l"; done < f
cat <<E | tr a-z A-Z
shout
E
: > empty; [ -s empty ] || echo empty
set -C; echo a > f; echo $?; echo b >| f; cat f; set +C
echo a b c | (read x y; echo $y)
yes | head -n 2
cat f nofile f
echo $(< f)
(echo sub; echo suberr >&2) 2>&1 | sort
echo hi | tee t1 | cat; cat t1
f2() { echo fn; } ; f2 > fo; cat fo
echo "no newline" | while read -r line; do echo "[$line]"; done
printf 'a\nb' | while read -r line || [ -n "$line" ]; do echo "[$line]"; done
