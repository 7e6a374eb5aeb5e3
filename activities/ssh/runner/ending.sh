# Ending what runs, and waiting for its end.

# end_run RUN WHY: kills a process group; its wrapper then writes the result.
end_run() {
  [ -e "$1.end" ] || printf '%s\n' "$2" >"$1.end"
  { IFS=' ' read -r word word && IFS=' ' read -r lpid lborn; } 2>/dev/null <"$1.run" || return 0
  born "$lpid" && [ "$born" = "$lborn" ] || return 0
  kill -KILL "-$lpid" 2>/dev/null
  # Before setsid has run there is no such group yet, and the process is alone.
  kill -KILL "$lpid" 2>/dev/null
  return 0
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
