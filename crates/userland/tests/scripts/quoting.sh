echo "a  b"   'c  d'  e\ f "quo\"te" 'it'\''s' "dollar \$HOME" "back\\slash" "\n"
echo $'tab\there\nnew' $'\x41\u00e9'
echo "$(echo "nested $(echo "deep")")" `echo back \`echo tick\``
echo "a'b" 'a"b' "a`echo c`d"
cat <<END
x is $((1+2)) and $(echo sub) \$notvar
  "quotes" stay
END
cat <<'END'
raw $x $(no)
END
cat <<-END
	stripped
		tabs
	END
cat <<< "here string $((2*2))"
cat <<A; cat <<B
first
A
second
B
printf '%s-%s\n' a b c d
printf '%5d|%-5s|%05.2f|%x|%c|%%\n' 42 ab 3.14159 255 xyz
printf "%b\n" 'a\tb'
echo -e 'x\ty\nz'; echo -n no; echo; echo -E 'a\tb'
echo {a,b,c}{1,2} {1..5} {01..03} {a..e..2} x{,y}z {single} {}
echo ~ ~/x
echo *.nothing "*" \*
touch f1.txt f2.txt g.md; echo *.txt [fg]* ?1.*
echo $((1 +
2))
echo a \
b
# comment
echo a#b # c
