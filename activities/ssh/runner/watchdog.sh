# Time limits and output limits.

# One watchdog for all that runs; it outlives the runner and ends when nothing has run for a while.
watch() {
  idle=0
  while :; do
    sleep 1
    idle=$((idle + 1))
    look_round
    [ -s "$journal/ended" ] && look_back
    [ "$idle" -ge 5 ] || continue
    # From here on a runner starts another one; two do no harm.
    true >"$journal/watching"
    look_round
    [ "$idle" -ge 5 ] && return
  done
}

look_round() {
  { IFS=' ' read -r now word </proc/uptime; } 2>/dev/null
  for one in "$journal"/slots/*; do
    { IFS=' ' read -r number name serial was deadline limit <"$one"; } 2>/dev/null || continue
    [ "$number" = free ] && continue
    idle=0
    of=$journal/t/$number/$name.$serial
    [ "${now%.*}" -gt "$deadline" ] && end_run "$of" timed-out
    cap "$of" "$limit"
    progress
    [ -z "$wborn" ] || [ "$wpid" = void ] || holds_slot && continue
    # Nobody frees it any more; but somebody may have, and another run may have taken it.
    { IFS=' ' read -r word word again word <"$one"; } 2>/dev/null && [ "$again" = "$serial" ] && vacate "$one"
  done
}

# Output that came in the last moment of a run.
look_back() {
  mv -f "$journal/ended" "$journal/ended.now" || return
  while IFS=' ' read -r of limit; do cap "$of" "$limit"; done <"$journal/ended.now"
}

# cap RUN LIMIT: cuts what is beyond the limit. The files are written in append mode, so the script notices nothing. While
# a file is being cut its note says from what size, so that nobody who looks meanwhile, and no watchdog after one that was
# killed, counts the same bytes twice or not at all. What has been cut is read before the size, for the same reason.
cap() {
  [ -s "$1.out" ] || [ -s "$1.err" ] || return 0
  [ -n "$(find "$1.out" "$1.err" -size "+${2}c" 2>/dev/null)" ] || return 0
  for file in "$1.out" "$1.err"; do
    cut=0 from=
    { IFS=' ' read -r cut from <"$file.cut"; } 2>/dev/null
    size=$(stat -c %s "$file") && [ "$size" -gt "$2" ] || continue
    [ "$size" -lt "${from:-0}" ] && cut=$((cut + from - $2))
    note_cut "$cut $size"
    dd if=/dev/null of="$file" bs=1 seek="$2" count=0 2>/dev/null
    note_cut "$((cut + size - $2))"
  done
}

# note_cut NOTE: of $file.
note_cut() {
  printf '%s\n' "$1" >"$file.cut.new" && mv -f "$file.cut.new" "$file.cut"
}
