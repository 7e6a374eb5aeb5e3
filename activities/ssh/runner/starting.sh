# Starting a part: a slot, a record, then the wrapper.

# Finds a free slot; ends what still looks on behalf of this task, of a session that is gone. $top is the highest slot
# that may be taken.
free_slot() {
  slot='' i=1
  while [ "$i" -le "$top" ]; do
    one=$journal/slots/$i
    i=$((i + 1))
    { IFS=' ' read -r busy name word <"$one"; } 2>/dev/null || continue
    if [ "$busy" = free ]; then
      [ -n "$slot" ] || slot=$one
      continue
    fi
    [ "$busy" = "$number" ] || continue
    case $name in do.* | undo.*) continue ;; esac
    state "$d/$name.start"
    [ "$state" = running ] && end_run "$of" cancelled
    await_end "$d/$name.start" || {
      why='host/unsuitable an earlier look at this task cannot be ended'
      return 1
    }
  done
  if [ -z "$slot" ] && [ "$top" -lt 32 ]; then
    top=$i
    slot=$journal/slots/$i
  fi
  [ -n "$slot" ] || {
    why='host/unsuitable 32 scripts run on it already'
    return 1
  }
  eval "word=\${wrapper_${slot##*/}-}"
  [ -z "$word" ] || wait "$word"
  return 0
}

# Whether any claim of the task may have done something: all but those that refused by their own exit code. One of an undo
# is no such claim: the undo of other steps restarts what this one knows how to, and what it has undone is another turn's.
claims_stand() {
  for one in "$d"/do.*.claim; do
    [ -e "$one" ] || continue
    state "$one"
    [ "$state" = none ] && continue
    [ "$state" = exited ] && [ "$code" = "$was_refusal" ] && continue
    return 0
  done
  return 1
}

# Sets $save: where capture may save, empty where the pre-image there must stay. Where one should be and is not, what is
# there now may be our own effect, and nothing is to be done on top of it.
fresh_save() {
  save=
  [ "$part" = capture ] || return 0
  if claims_stand; then
    [ -e "$d/pre.image" ] && return
    why='step/capture-failed it may have acted before, and no pre-image of that was kept'
    return 1
  fi
  if [ -e "$d/pre.begun" ]; then
    rm -rf "$d/pre.image" "$d/pre" && mkdir "$d/pre" || return 1
  fi
  true >"$d/pre.begun" || return 1
  save=$d/pre
}

# write_record: the claim or start record, whole or not at all, and never over another claim.
write_record() {
  line="$serial $by $boot $refusal $limit $seconds $sent"
  case $part in do | undo) set -C ;; esac
  printf '%s\n' "$line" 2>/dev/null >"$record"
  set +C
  { IFS= read -r seen <"$record"; } 2>/dev/null && [ "$seen" = "$line" ]
}

# The files of its output are there, whole, before anything is claimed.
start() {
  [ -n "$why" ] || permitted "$by" || why="host/stale-holder $highest"
  if [ -z "$why" ]; then
    opened=''
    { start_opened; } 8>>"$run.out" 9>>"$run.err"
    [ -n "$opened" ] || full
  fi
  if [ -z "$why" ]; then
    keep_watch
    return
  fi
  [ "$secret" = 1 ] && [ -n "$private" ] && rm -f "$private/$serial.env" "$private/$serial.in"
  case $why in
    begun) ;;
    known) say "known $id" ;;
    *) say "refused $id $why" ;;
  esac
}

start_opened() {
  opened=1
  prepare || {
    [ -n "$why" ] || full
    return
  }
  carry 3>&1 </dev/null 2>/dev/null &
  eval "wrapper_${slot##*/}=\$!"
}

# A runner writes a slot first and looks for the watchdog second; the watchdog does it the other way round. Whether
# its process lives costs more to ask than all else here, so that is asked once a second.
keep_watch() {
  [ "$watched" = "${now%.*}" ] && [ -s "$journal/watching" ] && return
  watched=${now%.*}
  if { IFS=' ' read -r pid start was knows <"$journal/watching"; } 2>/dev/null && [ "$was" = "$boot" ] && alive "$pid" "$start"; then
    [ "$knows" = births ] && return
    # One of an earlier version, to which "-TICK" says nothing.
    kill -KILL "$pid" 2>/dev/null
  fi
  watch </dev/null >/dev/null 2>&1 &
  born "$!"
  printf '%s %s %s births\n' "$!" "$born" "$boot" >"$journal/watching"
}

prepare() {
  case $part in
    do | undo)
      record=$d/$part.$attempt.claim
      if [ -e "$record" ]; then
        state "$record"
        if [ "$state" != none ]; then
          why=begun
          say "begun $id"
          return 1
        fi
        rm -f "$record"
      fi
      ;;
    *) record=$d/$part.$attempt.start ;;
  esac
  free_slot && fresh_save || return 1
  up
  printf '%s\n' "$number $part.$attempt $serial $boot $((${now%.*} + seconds)) $limit" 1<>"$slot" && write_record && return
  vacate "$slot"
  return 1
}
