f() { echo in; }
f; ; echo
