# What runner and reader both know of a host's journal. Sent as constant text; data comes as arguments and on stdin.
#
# format nonce            1; made with the journal
# holder.a holder.b       the highest holder is the higher of both; written in turn, so that one is always whole
# runners/HOLDER.N        pid, start time and boot id of a runner
# slots/N                 what runs now: folder, name, serial, boot id, deadline, output limit; or "free"
# names/TASK              number of the task's folder
# t/NUMBER/               BELAY_TASK: name, pre/, pre.image, post.image, and for each part
#   PART.ATTEMPT.claim    (do, undo) or .start: serial, holder, boot id, refusal, output limit, seconds, when sent
#   PART.ATTEMPT.SERIAL.  sh env in out err; end (why it was killed); run (below)
#
# A run file has three lines: pid and birth of the wrapper; the same of the script's process group; "exit", the
# code, uptime at begin and end. It is made by whoever comes first: the wrapper that is about to start the script, or
# a new runner that writes "void" so that a late wrapper of an old runner can start nothing any more.
#
# A pid is given anew once its process is gone; a birth tells whose it is. It is the start time of the process, in ticks
# since boot, or "-TICK": at that tick it was there, so that whoever has begun later is another one. The latter is what
# a process can say of itself and of its child without reading some 300 bytes of /proc one by one.

{ IFS= read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null

# born PID: sets $born (start time), $life (state letter) and $group of a process; fails where there is none.
born() {
  born='' life='' group=''
  [ -n "$1" ] || return 1
  { IFS= read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  # The name in parentheses may hold blanks and parentheses itself.
  set -- ${line##*) }
  life=$1 group=$3
  shift 19
  born=$1
}

# is PID BIRTH: whether it is that process, alive or not waited for yet; sets what born does.
is() {
  born "$1" || return 1
  case $2 in
    -*) [ "$born" -le "${2#-}" ] ;;
    *) [ "$born" = "$2" ] ;;
  esac
}

alive() {
  is "$1" "$2" && [ "$life" != Z ]
}

# up: sets $now, the uptime in seconds, and $tick, the same in hundredths.
up() {
  IFS=' ' read -r now line </proc/uptime
  tick=${now%.*}${now#*.}
}

# folder TASK: sets $d; fails where the journal does not know the task.
folder() {
  d=
  { IFS= read -r number <"$journal/names/$1"; } 2>/dev/null || return 1
  d=$journal/t/$number
  [ -d "$d" ]
}

# progress: sets what the run file of $of says. A line without its end is not there yet.
progress() {
  wpid='' wborn='' lpid='' lborn='' code='' began='' ended=''
  [ -f "$of.run" ] || return 0
  {
    IFS=' ' read -r wpid wborn || wborn=
    IFS=' ' read -r lpid lborn || lborn=
    IFS=' ' read -r word code began ended || ended=
  } 2>/dev/null <"$of.run"
}

finished() {
  state=exited
  [ "$code" = 137 ] && [ -e "$of.end" ] || return 0
  { IFS= read -r state <"$of.end"; } 2>/dev/null || state=cancelled
}

in_slot() {
  for seen in "$journal"/slots/*; do
    { IFS=' ' read -r word word busy word <"$seen"; } 2>/dev/null || continue
    [ "$busy" = "$1" ] && return 0
  done
  return 1
}

# state RECORD: sets $state (none, running, exited, timed-out, cancelled, dead) and what is known beside it.
state() {
  state=none code='' began='' ended=''
  { IFS=' ' read -r was_serial was_holder was_boot was_refusal was_limit was_seconds was_sent <"$1"; } 2>/dev/null || return 0
  of=${1%.*}.$was_serial
  progress
  if [ -n "$ended" ]; then
    finished
  elif [ "$wpid" = void ]; then
    :
  elif [ "$was_boot" != "$boot" ]; then
    state=dead
  elif alive "$wpid" "$wborn" || alive "$lpid" "$lborn"; then
    state=running
  elif [ -z "$wborn" ]; then
    # Between fork and first word, or never forked: only a started one has a slot.
    if in_slot "$was_serial"; then
      state=running
    else
      progress
      [ -z "$wborn" ] || state "$1"
    fi
  else
    # It may have written its result between the two looks.
    progress
    if [ -n "$ended" ]; then finished; else state=dead; fi
  fi
}
