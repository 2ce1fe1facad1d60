set -u
echo a
echo $nope
echo b
