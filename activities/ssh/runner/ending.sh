# Ending what runs, and waiting for its end.

# end_run RUN WHY: kills the process group of a script, or its tree where it has none; its wrapper then writes the result.
end_run() {
  [ -e "$1.end" ] || printf '%s\n' "$2" >"$1.end"
  { IFS=' ' read -r word word && IFS=' ' read -r lpid lborn; } 2>/dev/null <"$1.run" || return 0
  is "$lpid" "$lborn" || return 0
  [ "$group" = "$lpid" ] || end_tree "$lpid" "$group" "$1"
  kill -KILL "-$lpid" 2>/dev/null
  # Before setsid has run there is no such group yet, and the process is alone.
  kill -KILL "$lpid" 2>/dev/null
  return 0
}

# end_tree PID GROUP MARK: without setsid a script shares the group of the runner. Stops the script, ends its descendants and
# those that bear its mark and have lost their parents; what has made a group of its own is spared, as with setsid. Each
# is stopped when it is found, so that it can start nothing more while others are looked for.
end_tree() {
  tree=" $1 " rounds=0
  kill -STOP "$1" 2>/dev/null
  while offspring "$2" "$3" && [ "$rounds" -lt 100 ]; do
    rounds=$((rounds + 1)) tree="$tree$found"
    kill -STOP $found 2>/dev/null
  done
  # The script itself comes last, for its end is the end that is reported.
  kill -KILL ${tree#" $1 "} 2>/dev/null
}

# offspring GROUP MARK: sets $found, the processes of the group that belong to $tree and are not in it; fails where
# there are none.
offspring() {
  found='' shared=$1 mark=$2
  for proc in /proc/[0-9]*; do
    { IFS= read -r line <"$proc/stat"; } 2>/dev/null || continue
    set -- ${line##*) }
    [ "$3" = "$shared" ] && [ "$1" != Z ] || continue
    case $tree in *" ${proc##*/} "*) continue ;; esac
    case $tree in
      *" $2 "*) ;;
      *) marked "$proc/environ" "$mark" || continue ;;
    esac
    found="$found${proc##*/} "
  done
  [ -n "$found" ]
}

# marked ENVIRONMENT MARK. Not grep alone: that of busybox does not look behind the first NUL.
marked() {
  { tr '\0' '\n' <"$1" | grep -qxF "BELAY_MARK=$2"; } 2>/dev/null
}

# await_end RECORD: waits at most 10 s until it runs no more.
await_end() {
  tries=0
  state "$1"
  while [ "$state" = running ]; do
    tries=$((tries + 1))
    [ "$tries" -le 200 ] || return 1
    nap
    state "$1"
  done
}
