# The remote runner: takes messages on stdin, one a line, and answers on stdout. It may die at any moment: scripts go
# on, and what it knows is in the journal. Forks are counted: two a script (its wrapper, its process group).

umask 077
root=$1 host=$2 holder=$3
count=0 private='' next='' turn=a watched=never now=''

say() {
  printf '%s\n' "$*"
}

nap() {
  sleep 0.05 2>/dev/null || sleep 1
}

# ---- hello ----------------------------------------------------------------------------------------------------

turn_away() {
  say "belay refused $*"
  exit 0
}

# file_system DIRECTORY: sets $type of the file system that holds it.
file_system() {
  type=unknown best=
  while IFS=' ' read -r word point kind word; do
    case $1/ in
      "${point%/}"/*) [ "${#point}" -ge "${#best}" ] && best=$point type=$kind ;;
    esac
  done </proc/self/mounts
}

open_journal() {
  if [ -z "$root" ]; then
    if [ "$(id -u)" = 0 ]; then root=/var/lib/belay; else root=${XDG_STATE_HOME:-$HOME/.local/state}/belay; fi
  fi
  journal=$root/$host
  there=$journal
  while [ -n "$there" ] && [ ! -d "$there" ]; do there=${there%/*}; done
  cd -P "${there:-/}" || turn_away "host/unsuitable $there cannot be entered"
  file_system "$PWD"
  case $type in
    tmpfs | ramfs) turn_away "host/unsuitable $journal is on $type and would not survive a restart" ;;
  esac
  cd /
  if [ ! -d "$journal/t" ] || [ ! -d "$journal/slots" ] || [ ! -d "$journal/names" ] || [ ! -d "$journal/runners" ]; then
    mkdir -p "$journal/t" "$journal/names" "$journal/slots" "$journal/runners" ||
      turn_away "host/unsuitable its state directory $journal cannot be made"
  fi
  [ -O "$journal" ] || turn_away "host/unsuitable $journal belongs to another user"
  cd -P "$journal" || turn_away "host/unsuitable $journal cannot be entered"
  journal=$PWD
  cd /
  if { IFS= read -r format <"$journal/format"; } 2>/dev/null; then
    [ "$format" = 1 ] || turn_away "host/unsuitable $journal has format $format, made by another version of Belay"
  else
    printf '1\n' >"$journal/format" || turn_away "host/disk-full $journal cannot be written"
  fi
}

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

open_books() {
  { IFS= read -r last <"$journal/boot"; } 2>/dev/null || last=
  { IFS= read -r next <"$journal/next"; } 2>/dev/null || next=
  if [ "$last" != "$boot" ] || [ -z "$next" ]; then
    # After a power cut a folder may have lost its name and kept old claims: never use such a one again.
    next=0
    for one in "$journal"/t/*; do
      [ "${one##*/}" -gt "$next" ] 2>/dev/null && next=${one##*/}
    done
    next=$((next + 1))
    printf '%s\n' "$boot" >"$journal/boot"
  fi
  seen='' other=''
  { IFS= read -r seen <"$journal/holder.a"; } 2>/dev/null || seen=0
  { IFS= read -r other <"$journal/holder.b"; } 2>/dev/null || other=0
  [ "$seen" -gt "$other" ] && turn=b
  raise "$holder" || turn_away "$why"
  { IFS= read -r nonce <"$journal/nonce"; } 2>/dev/null && [ -n "$nonce" ] && return
  IFS= read -r nonce </proc/sys/kernel/random/uuid
  printf '%s\n' "$nonce" >"$journal/nonce.new" && mv -f "$journal/nonce.new" "$journal/nonce" ||
    turn_away "host/disk-full $journal cannot be written"
}

# A root-only folder in memory for what must never reach a disk; empty where the host has none.
find_private() {
  for one in "${XDG_RUNTIME_DIR-}" /run /dev/shm; do
    [ -n "$one" ] && [ -d "$one" ] && [ -w "$one" ] && cd -P "$one" || continue
    one=$PWD
    cd /
    file_system "$one"
    [ "$type" = tmpfs ] || [ "$type" = ramfs ] || continue
    private=$one/belay-$nonce
    enter_private && return
  done
  private=
}

enter_private() {
  [ -d "$private" ] || mkdir -m 700 "$private" 2>/dev/null
  [ -d "$private" ] && [ ! -L "$private" ] && [ -O "$private" ]
}

# Staged secrets of runners that died before their script began.
sweep_private() {
  [ -n "$private" ] || return 0
  for one in "$private"/*; do
    [ -e "$one" ] || continue
    serial=${one##*/}
    in_slot "${serial%.*}" || rm -f "$one"
  done
}

word_of() {
  value=$1
  value=${value#[\"\']}
  value=${value%[\"\']}
  set -- $value
  value=${1:-unknown}
}

greet() {
  os=unknown version=unknown
  if [ -r /etc/os-release ]; then
    while IFS='=' read -r key text; do
      case $key in
        ID) word_of "$text" && os=$value ;;
        VERSION_ID) word_of "$text" && version=$value ;;
      esac
    done </etc/os-release
  fi
  init=sysv
  [ -d /run/systemd/system ] && init=systemd
  if [ -n "$private" ]; then memory=yes; else memory=no; fi
  say "belay hello 1 $nonce $boot $os $version $init $(uname -m) $memory $journal"
}

# ---- starting a part ------------------------------------------------------------------------------------------

new_folder() {
  while [ -s "$journal/t/$next/name" ]; do next=$((next + 1)); done
  if [ ! -d "$journal/t/$next/pre" ]; then
    # Many at once: a fork each would be a third of what a script costs.
    task=$1 i=$next
    set --
    while [ "$i" -lt $((next + 32)) ]; do
      set -- "$@" "$journal/t/$i/pre"
      i=$((i + 1))
    done
    mkdir -p "$@" || return 1
    printf '%s\n' "$next" >"$journal/next"
    set -- "$task"
  fi
  number=$next d=$journal/t/$next
  next=$((next + 1))
  printf '%s\n' "$1" >"$d/name" && printf '%s\n' "$number" >"$journal/names/$1" && folder "$1"
}

stage() {
  id=$1 task=$2 part=$3 attempt=$4 by=$5 refusal=$6 seconds=$7 limit=$8 secret=$9
  shift 9
  fed=$1 sent=$2
  count=$((count + 1))
  why='' serial=$me.$count sheet=/dev/null env=/dev/null data=/dev/null
  folder "$task" || new_folder "$task" || {
    why="host/disk-full $journal cannot be written"
    return
  }
  run=$d/$part.$attempt.$serial
  place=$run
  if [ "$secret" = 1 ]; then
    [ -n "$private" ] && enter_private || {
      why='host/unsuitable it has no tmpfs at /run or /dev/shm to hold a secret in'
      return
    }
    place=$private/$serial
  fi
  sheet=$run.sh env=$place.env
  [ "$fed" = 1 ] && data=$place.in
  true >"$sheet" && true >"$env" && true >"$data" && true >"$run.out" && true >"$run.err" || full
}

full() {
  why="host/disk-full $journal cannot be written"
}

add() {
  printf '%b' "$2" >>"$1" || full
}

# add_bytes FILE COUNT: what follows on stdin. Where it cannot all be stored, nothing after it can be trusted.
# Not head: that of busybox reads ahead and swallows the next messages.
add_bytes() {
  dd bs="$2" count=1 iflag=fullblock 2>/dev/null >>"$1" && return
  say "refused $id host/disk-full it could not store what it was sent"
  exit 1
}

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

# Whether any claim of the task may have done something: all but those that refused by their own exit code.
claims_stand() {
  for one in "$d"/*.claim; do
    [ -e "$one" ] || continue
    state "$one"
    [ "$state" = none ] && continue
    [ "$state" = exited ] && [ "$code" = "$was_refusal" ] && continue
    return 0
  done
  return 1
}

# Sets $save: where capture may save, empty where the pre-image there must stay.
fresh_save() {
  save=
  [ "$part" = capture ] || return 0
  claims_stand && return
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

start() {
  [ -n "$why" ] || permitted "$by" || why="host/stale-holder $highest"
  [ -n "$why" ] || prepare || [ -n "$why" ] || full
  if [ -n "$why" ]; then
    [ "$secret" = 1 ] && [ -n "$private" ] && rm -f "$private/$serial.env" "$private/$serial.in"
    [ "$why" = begun ] || say "refused $id $why"
    return
  fi
  carry </dev/null 2>/dev/null &
  eval "wrapper_${slot##*/}=\$!"
  keep_watch
}

# A runner writes a slot first and looks for the watchdog second; the watchdog does it the other way round. Whether
# its process lives costs more to ask than all else here, so that is asked once a second.
keep_watch() {
  [ "$watched" = "${now%.*}" ] && [ -s "$journal/watching" ] && return
  watched=${now%.*}
  { IFS=' ' read -r pid start was <"$journal/watching"; } 2>/dev/null && [ "$was" = "$boot" ] && alive "$pid" "$start" && return
  watch </dev/null >/dev/null 2>&1 &
  born "$!"
  printf '%s %s %s\n' "$!" "$born" "$boot" >"$journal/watching"
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
  { IFS=' ' read -r now word </proc/uptime; } 2>/dev/null
  printf '%s\n' "$number $part.$attempt $serial $boot $((${now%.*} + seconds)) $limit" 1<>"$slot" && write_record && return
  vacate "$slot"
  return 1
}

# The wrapper, in a process of its own: starts the script, waits for it, writes the result. After the environment of
# the script is there, it sets no variable but its own, and calls nothing by a name that PATH decides.
carry() {
  belay_id=$id belay_d=$d belay_run=$run belay_slot=$slot belay_save=$save belay_attempt=$attempt belay_part=$part
  belay_env=$env belay_data=$data belay_secret=$secret belay_setsid=$setsid belay_rm=$rm belay_journal=$journal belay_limit=$limit
  IFS= read -r line </proc/self/stat
  self=${line%% *}
  set -- ${line##*) }
  shift 19
  set -C
  if ! printf '%s %s\n' "$self" "$1" >"$run.run"; then
    # Where the file is there, a new runner wrote it, and the slot is no longer ours.
    [ -e "$run.run" ] || vacate "$slot"
    say "void $id"
    exit
  fi
  set +C
  IFS=' ' read -r belay_began line </proc/uptime
  belay_image=
  IFS= read -r belay_image <"$d/pre.image" && belay_seen=1 || belay_seen=
  exec 4<"$data"
  set --
  . "$belay_env"
  # Where nothing is fed in, the data is /dev/null, which must stay.
  if [ "$belay_secret" = 1 ]; then
    "$belay_rm" -f "$belay_env"
    [ "$belay_data" = /dev/null ] || "$belay_rm" -f "$belay_data"
  fi
  export BELAY_TASK="$belay_d" BELAY_PRE="$belay_d/pre" BELAY_ATTEMPT="$belay_attempt"
  [ -z "$belay_seen" ] || export BELAY_PRE_IMAGE="$belay_image"
  [ -z "$belay_save" ] || export BELAY_SAVE="$belay_save"
  "$belay_setsid" @SHELL@ "$belay_run.sh" "$@" <&4 4<&- >>"$belay_run.out" 2>>"$belay_run.err" &
  belay_leader=$!
  exec 4<&-
  unset IFS
  born "$belay_leader"
  printf '%s %s\n' "$belay_leader" "$born" >>"$belay_run.run"
  [ -e "$belay_run.end" ] && end_run "$belay_run" cancelled
  wait "$belay_leader"
  carried "$?"
}

carried() {
  code=$1 of=$belay_run journal=$belay_journal limit=$belay_limit kept=
  IFS=' ' read -r ended line </proc/uptime
  [ -n "$belay_save" ] && [ "$code" = 0 ] && ! keep_image && kept=unsaved
  printf 'exit %s %s %s\n' "$code" "$belay_began" "$ended" >>"$of.run"
  finished
  out=0 err=0
  [ -s "$of.out" ] && out=1
  [ -s "$of.err" ] && err=1
  [ "$out$err" = 00 ] || printf '%s %s\n' "$of" "$limit" >>"$journal/ended"
  vacate "$belay_slot"
  say "done $belay_id ${kept:-$state} $code $belay_began $ended $out $err"
}

# The image line makes the pre-image one: what it names is on the disk before.
keep_image() {
  IFS= read -r image <"$belay_run.out" || [ -z "$image" ] || :
  [ "${#image}" -le 2048 ] || return 1
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  find "$belay_d/pre" -exec sync {} + 2>/dev/null
  printf '%s\n' "$image" >"$belay_d/pre.image" && { IFS= read -r line <"$belay_d/pre.image"; } && [ "$line" = "$image" ] || return 1
  sync "$belay_d/pre.image" "$belay_d" "$belay_d/name" "$journal/names" 2>/dev/null
  return 0
}

# ---- time limits and output limits ----------------------------------------------------------------------------

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

# cap RUN LIMIT: cuts what is beyond the limit. The files are written in append mode, so the script notices nothing.
cap() {
  [ -s "$1.out" ] || [ -s "$1.err" ] || return 0
  [ -n "$(find "$1.out" "$1.err" -size "+${2}c" 2>/dev/null)" ] || return 0
  for file in "$1.out" "$1.err"; do
    size=$(stat -c %s "$file") && [ "$size" -gt "$2" ] || continue
    cut=0
    { IFS= read -r cut <"$file.cut"; } 2>/dev/null
    dd if=/dev/null of="$file" bs=1 seek="$2" count=0 2>/dev/null
    printf '%s\n' "$((cut + size - $2))" >"$file.cut"
  done
}

# ---- other messages -------------------------------------------------------------------------------------------

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

setsid=$(command -v setsid) && rm=$(command -v rm) && [ -n "$boot" ] ||
  turn_away 'host/unsuitable it lacks setsid, or /proc'
open_journal
take_over
settle_slots
open_books
find_private
sweep_private
unset XDG_RUNTIME_DIR XDG_STATE_HOME OLDPWD
greet
[ "$top" = 0 ] || keep_watch

while IFS= read -r line; do
  rest=${line#* }
  case ${line%% *} in
    stage) stage $rest ;;
    script) add "$sheet" "$rest" ;;
    environment) add "$env" "$rest" ;;
    stdin) add "$data" "$rest" ;;
    script-bytes) add_bytes "$sheet" "$rest" ;;
    environment-bytes) add_bytes "$env" "$rest" ;;
    stdin-bytes) add_bytes "$data" "$rest" ;;
    start) start ;;
    holder) if raise "${rest#* }"; then say "held ${rest%% *}"; else say "failed ${rest%% *} $why"; fi ;;
    look) look $rest ;;
    kill) kill_part $rest ;;
    quiet) quiet $rest </dev/null 2>/dev/null & ;;
    keep)
      text=${rest#* }
      keep "${rest%% *}" "${text%% *}" "${text#* }"
      ;;
    forget) forget $rest ;;
  esac
done
[ -z "$private" ] || rmdir "$private" 2>/dev/null
