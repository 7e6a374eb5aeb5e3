# The messages that start nothing.

look() {
  if ! folder "$2"; then
    say "looked $1"
    return
  fi
  for one in "$d"/*.claim; do
    [ -e "$one" ] || continue
    state "$one"
    [ "$state" = none ] && continue
    name=${one##*/}
    name=${name%.claim}
    say "claim $1 ${name%%.*} ${name##*.} $was_holder $was_boot $state ${code:--}"
  done
  { IFS= read -r line <"$d/pre.image"; } 2>/dev/null && say "pre $1 $line"
  { IFS= read -r line <"$d/post.image"; } 2>/dev/null && say "post $1 $line"
  say "looked $1"
}

kill_part() {
  folder "$2" || return 0
  for one in "$d/$3.$4.claim" "$d/$3.$4.start"; do
    [ -e "$one" ] || continue
    state "$one"
    [ "$state" = running ] && end_run "$of" cancelled
  done
  return 0
}

# In a process of its own, so that other tasks are served meanwhile.
quiet() {
  if folder "$2"; then
    for one in "$d"/*.claim "$d"/*.start; do
      [ -e "$one" ] || continue
      state "$one"
      [ "$state" = running ] || continue
      end_run "$of" cancelled
      await_end "$one" || {
        say "failed $1 host/unsuitable ${one##*/} cannot be ended"
        return
      }
    done
  fi
  say "quieted $1"
}

keep() {
  folder "$2" || {
    say "failed $1 host/journal-lost its journal does not know the task"
    return
  }
  printf '%b\n' "$3" >"$d/post.image" || {
    say "failed $1 host/disk-full $journal cannot be written"
    return
  }
  { IFS= read -r line <"$d/pre.image"; } 2>/dev/null && say "pre $1 $line"
  say "kept $1"
}

forget() {
  id=$1
  shift
  for task in "$@"; do
    folder "$task" || continue
    for one in "$d"/*.claim "$d"/*.start; do
      [ -e "$one" ] || continue
      state "$one"
      [ "$state" = running ] || continue
      say "failed $id host/unsuitable a script of $task still runs"
      return
    done
    rm -rf "$journal/names/$task" "$d"
  done
  say "forgotten $id"
}
