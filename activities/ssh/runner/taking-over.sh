# One runner a journal: the highest holder alone goes on, and ends those that were here before.

# highest: sets $highest, the highest holder that this host has seen.
highest() {
  highest=0
  for mark in "$journal/holder.a" "$journal/holder.b"; do
    { IFS= read -r seen <"$mark"; } 2>/dev/null && [ "$seen" -gt "$highest" ] && highest=$seen
  done
  for mark in "$journal"/runners/*; do
    seen=${mark##*/}
    seen=${seen%.*}
    [ "$seen" -gt "$highest" ] 2>/dev/null && highest=$seen
  done
}

permitted() {
  highest
  [ "$1" -ge "$highest" ]
}

# raise HOLDER: fails where a higher one was here; sets $why.
raise() {
  permitted "$1" || {
    why="host/stale-holder $highest"
    return 1
  }
  printf '%s\n' "$1" 1<>"$journal/holder.$turn" && { IFS= read -r seen <"$journal/holder.$turn"; } 2>/dev/null && [ "$seen" = "$1" ] || {
    why="host/disk-full $journal cannot be written"
    return 1
  }
  if [ "$turn" = a ]; then turn=b; else turn=a; fi
}

# Ends the runner of a claim file and waits until it is gone. Its pid alone: wrappers share its group.
end_runner() {
  { IFS=' ' read -r pid start was <"$1"; } 2>/dev/null || return 0
  [ "$was" = "$boot" ] || return 0
  tries=0
  while alive "$pid" "$start"; do
    kill -KILL "$pid" 2>/dev/null
    tries=$((tries + 1))
    [ "$tries" -le 200 ] || return 1
    nap
  done
}

# Claim first, look second: of several that come at once, the highest alone goes on.
take_over() {
  born "$$"
  new=$journal/runners/.new.$$
  printf '%s %s %s\n' "$$" "$born" "$boot" >"$new" || turn_away "host/disk-full $journal cannot be written"
  n=0
  for one in "$journal/runners/$holder".*; do
    [ "${one##*.}" -gt "$n" ] 2>/dev/null && n=${one##*.}
  done
  n=$((n + 1)) tries=0
  until ln "$new" "$journal/runners/$holder.$n" 2>/dev/null; do
    n=$((n + 1)) tries=$((tries + 1))
    [ "$tries" -le 100 ] || turn_away "host/disk-full $journal cannot be written"
  done
  me=$holder.$n
  give_way
  set -- "$new"
  for one in "$journal"/runners/*; do
    [ "${one##*/}" = "$me" ] && continue
    give_way
    end_runner "$one" || turn_away "host/unsuitable process $pid, an earlier runner, cannot be ended"
    set -- "$@" "$one"
  done
  rm -f "$@"
  give_way
}

give_way() {
  highest
  stale=
  [ "$highest" -gt "$holder" ] && stale=1
  for mark in "$journal/runners/$holder".*; do
    [ "${mark##*.}" -gt "$n" ] 2>/dev/null && stale=1
  done
  [ -z "$stale" ] && return
  rm -f "$journal/runners/$me" "$new"
  turn_away "host/stale-holder $highest"
}
