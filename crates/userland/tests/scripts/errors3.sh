echo start
echo "unclosed
more
