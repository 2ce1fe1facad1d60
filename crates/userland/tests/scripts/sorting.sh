# Sorted in pieces, merged at the end: as if at once.
seq 1 70000 | sort -r | head -n 3
seq 70000 -1 1 | sort -n | awk 'NR != $1' | wc -l
seq 1 70000 | awk '{print $1 % 7, $1}' | sort -s -k1,1n | sed -n '1p;10001p;30000p;70000p'
seq 1 70000 | awk '{print $1 % 7}' | sort -u
seq 1 10000 | sort -n -c && echo in order
seq 10000 -1 1 | sort -o sorted; tail -n 2 sorted; wc -l < sorted
