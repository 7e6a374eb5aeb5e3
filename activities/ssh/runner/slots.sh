# What earlier runners were about to start, settled before this one serves.

# What an earlier runner was about to start is either started by now or never will be.
settle_slots() {
  i=1 top=0
  while [ "$i" -le 32 ]; do
    one=$journal/slots/$i
    i=$((i + 1))
    if { IFS=' ' read -r number name serial was word <"$one"; } 2>/dev/null; then
      [ "$number" = free ] && continue
      of=$journal/t/$number/$name.$serial
      if [ "$was" = "$boot" ] && still_runs; then
        top=32
        continue
      fi
    fi
    vacate "$one" || turn_away "host/disk-full $journal cannot be written"
  done
}

# vacate SLOT: frees it. Slots are written in place: cutting a file to nothing makes ext4 write to the disk at once.
vacate() {
  printf 'free\n' 1<>"$1"
}

still_runs() {
  if [ -d "${of%/*}" ] && set -C && printf 'void -\n' 2>/dev/null >"$of.run"; then
    set +C
    return 1
  fi
  set +C
  [ -d "${of%/*}" ] || return 1
  [ -e "$of.run" ] || turn_away "host/disk-full $journal cannot be written"
  tries=0
  progress
  while [ -z "$wborn" ] && [ "$tries" -lt 40 ]; do
    tries=$((tries + 1))
    nap
    progress
  done
  [ "$wpid" != void ] && holds_slot
}

# Whether somebody will still free the slot of $of: a wrapper that lives does so itself, even after its result.
holds_slot() {
  alive "$wpid" "$wborn" || { [ -z "$ended" ] && alive "$lpid" "$lborn"; }
}
