#!/bin/bash
# Records what the real bash makes of every script here: NAME.sh -> NAME.out.
here=$(cd "$(dirname "$0")" && pwd)
for script in "$here"/*.sh; do
  name=$(basename "$script")
  [ "$name" = record.sh ] && continue
  dir=$(mktemp -d)
  cp "$script" "$dir/"
  (cd "$dir" && env -i HOME="$dir" LANG=C.UTF-8 PATH=/usr/bin:/bin TZ=UTC timeout 20 bash "$name" >"$dir.out" 2>"$dir.err" </dev/null)
  code=$?
  { cat "$dir.out"; echo "--- stderr"; cat "$dir.err"; echo "--- exit $code"; } | sed "s#$dir#/scripts#g" >"${script%.sh}.out"
  rm -rf "$dir" "$dir.out" "$dir.err"
done
