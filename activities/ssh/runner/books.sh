# What the runner reads once, the folder in memory for secrets, and what it says of the host.

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

# Sets $belay_clock where uptime and start times are told by one clock, in the same ticks. In some containers they are not:
# there uptime counts from the start of the container, which is never within a second of that of its kernel.
find_clock() {
  belay_clock='' tries=0
  while [ -z "$belay_clock" ] && [ "$tries" -lt 3 ]; do
    tries=$((tries + 1))
    up
    before=$tick
    # A process that begins now.
    seen=$(IFS= read -r line </proc/self/stat && set -- ${line##*) } && shift 19 && printf '%s' "$1")
    up
    [ "$((tick - before))" -le 100 ] && [ "$before" -le "${seen:-0}" ] && [ "$seen" -le "$tick" ] && belay_clock=one
  done
  return 0
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
  say "belay hello 1 $nonce $boot $os $version $init $(uname -m) $memory $heard $journal"
}
