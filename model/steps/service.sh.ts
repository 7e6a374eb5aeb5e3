import { refusal } from './file-state.sh.js';

/**
 * What a service is, by its processes and not by what init scripts say of it. A running service is known by tokens,
 * one for each main process: pid and start time, so that a restarted one is told from one that stayed. Main processes
 * are, in this order: those of the given executable or name whose parent is none of them (with a given pid file, only
 * the one in it); systemd's main process, or its invocation where it knows no process; the one in the given pid file,
 * or in the one that lies in a usual place under /run.
 *
 * Arguments of every script: name, process, pid file, patience in seconds.
 */
const serviceState = `set -eu
refuse() { printf '%s\\n' "$1" >&2; exit ${refusal}; }
name=$1 process=$2 pid_file=$3 patience=$4

systemd() { [ -d /run/systemd/system ]; }
shows() { systemctl show --property="$1" --value -- "$name"; }

known() {
  if systemd; then [ "$(shows LoadState)" = loaded ]; else [ -x "/etc/init.d/$name" ]; fi
}

# pid:start:parent of a live process.
born() {
  { IFS= read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
  set -- "$1" \${line##*') '}
  case $2 in Z | X) ;; *) printf '%s:%s:%s ' "$1" "\${21}" "$3" ;; esac
}

named() {
  case $process in
    /*)
      executable=$(readlink -f -- "$process" || printf '%s' "$process")
      ls -l -d /proc/[0-9]*/exe 2>/dev/null | while IFS= read -r line; do
        case "\${line##* -> }" in "$executable" | "$executable (deleted)") ;; *) continue ;; esac
        line=\${line%%/exe -> *}
        born "\${line##*/proc/}"
      done ;;
    *)
      for comm in /proc/[0-9]*/comm; do
        { IFS= read -r line <"$comm"; } 2>/dev/null || continue
        [ "$line" = "\${process%"\${process#???????????????}"}" ] || [ "$line" = "$process" ] || continue
        comm=\${comm%/comm}
        born "\${comm#/proc/}"
      done ;;
  esac
}

# Of pid:start:parent words those whose parent is not among them, as pid:start.
topmost() {
  for one in "$@"; do
    case " $*" in *" \${one##*:}:"*) ;; *) printf '%s ' "\${one%:*}" ;; esac
  done
}

in_pid_file() {
  { read -r pid <"$1"; } 2>/dev/null || [ -n "\${pid:-}" ] || return 0
  case $pid in '' | *[!0-9]*) ;; *) topmost $(born "$pid") ;; esac
}

usual_pid_file() {
  for place in "/run/$name.pid" "/run/$name"*.pid "/run/$name/$name.pid" /run/*/"$name.pid" "/run/$name"/*.pid; do
    [ ! -f "$place" ] || { in_pid_file "$place"; return 0; }
  done
}

both() {
  for one in $1; do case " $2" in *" $one "*) printf '%s ' "$one" ;; esac; done
}

tokens() {
  if systemd; then
    case $(shows ActiveState) in active | reloading) ;; *) return 0 ;; esac
  fi
  if [ -n "$process" ] && [ -n "$pid_file" ]; then both "$(topmost $(named))" "$(in_pid_file "$pid_file")"
  elif [ -n "$process" ]; then topmost $(named)
  elif systemd; then
    # Sockets and timers have no main process at all.
    pid=$(shows MainPID)
    case $pid in '' | 0) printf 'invocation:%s ' "$(shows InvocationID)" ;; *) topmost $(born "$pid") ;; esac
  elif [ -n "$pid_file" ]; then in_pid_file "$pid_file"
  else usual_pid_file
  fi
}

# An init script that claims to run what cannot be found leaves us without an answer.
clear() {
  systemd || [ -n "$process$pid_file" ] || [ -n "$(tokens)" ] || ! init status >/dev/null 2>&1
}
unclear="$name says that it runs, but its process cannot be found; give the step \\\`process\\\` or \\\`pid_file\\\`"

init() {
  if systemd; then systemctl "$1" -- "$name"
  elif command -v service >/dev/null; then service "$name" "$1" </dev/null
  else "/etc/init.d/$name" "$1" </dev/null
  fi
}

enabled() {
  if systemd; then
    set -- "$(systemctl is-enabled -- "$name" 2>/dev/null || true)"
    case $1 in enabled | enabled-runtime) echo yes ;; disabled) echo no ;; *) echo "\${1:-none}" ;; esac
    return
  fi
  set -- none
  for link in /etc/rc[2345].d/[SK][0-9][0-9]"$name"; do
    [ -L "$link" ] || continue
    case \${link##*/} in S*) set -- yes ;; *) [ "$1" = yes ] || set -- no ;; esac
  done
  echo "$1"
}

state() {
  known || { echo 'service absent'; return; }
  running=no
  [ -z "$(tokens)" ] || running=yes
  clear || running=unclear
  echo "service running=$running enabled=$(enabled)"
}
`;

/** Sets what \`state\` shows. Each waits for what it asked for; none believes an exit code. */
const serviceControl = `
# A daemon gets the umask that it gets at boot, not ours.
umask 022
nap() { sleep 0.2 2>/dev/null || sleep 1; }
seconds() { read -r up idle </proc/uptime; echo "\${up%%.*}"; }

# Waits until none of the given processes is left.
gone() {
  end=$(($(seconds) + patience))
  while :; do
    left=$(both "$1" "$(tokens)")
    [ -n "$left" ] || return 0
    [ "$(seconds)" -lt "$end" ] || return 1
    nap
  done
}

# Waits until the service runs and its main processes have stayed the same for a second.
settled() {
  end=$(($(seconds) + patience))
  while :; do
    first=$(tokens)
    [ -z "$first" ] || { sleep 1; [ "$(tokens)" != "$first" ] || return 0; }
    [ "$(seconds)" -lt "$end" ] || { echo "$name does not stay up" >&2; return 1; }
    nap
  done
}

start() {
  init start || echo "$name start: exit $?"
  settled || { clear || echo "$unclear" >&2; return 1; }
}

stop() {
  was=$(tokens)
  init stop || echo "$name stop: exit $?"
  gone "$was" || terminate "$was" || { echo "$name still runs after it was stopped" >&2; return 1; }
}

# Init scripts that have lost their pid file stop nothing. Processes that the author has named are then asked to end.
terminate() {
  [ -n "$process$pid_file" ] && ! systemd || return 1
  for one in $(both "$1" "$(tokens)"); do
    echo "$name left process \${one%%:*}; it is sent SIGTERM"
    kill -TERM "\${one%%:*}" || true
  done
  gone "$1"
}

# Whether other processes run beside those of the given ones that are left.
beside() {
  now=$(tokens)
  [ -n "$(both "$1" "$now")" ] || return 1
  for one in $now; do case " $1" in *" $one "*) ;; *) return 0 ;; esac; done
  return 1
}

# Restarts. An init script that has lost a process of before starts others beside it and will never end it: it is asked to
# end when a third of the patience is over. Where old processes outlive the restart otherwise, it stops and starts.
restart() {
  was=$(tokens)
  init restart || echo "$name restart: exit $?"
  if ! (patience=$((patience / 3)); gone "$was") && beside "$was"; then terminate "$was" || true; fi
  gone "$was" || stop || return 1
  [ -n "$(tokens)" ] || init start || echo "$name start: exit $?"
  settled
}

enable() {
  if systemd; then
    case $1 in yes) systemctl --quiet enable -- "$name" ;; no | none) systemctl --quiet disable -- "$name" ;; esac
    return
  fi
  command -v update-rc.d >/dev/null || { echo 'this host has neither systemd nor update-rc.d' >&2; return 1; }
  if [ "$1" = none ]; then update-rc.d -f "$name" remove; return; fi
  [ "$(enabled)" != none ] || update-rc.d "$name" defaults
  case $1 in yes) update-rc.d "$name" enable ;; no) update-rc.d "$name" disable ;; esac
}
`;

/** Prints the state; refuses to begin where it cannot be told. */
export const captureService = `${serviceState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  known || refuse "there is no service called $name"
  clear || refuse "$unclear"
fi
state
`;

/** Further arguments: running, enabled (yes, no, or nothing). A restart that is owed makes it not so. */
export const checkService = `${serviceState}
known || refuse "there is no service called $name"
clear || refuse "$unclear"
now=$(state)
case "$5 $now" in 'yes '*running=no* | 'no '*running=yes*) exit 1 ;; esac
[ "$5" != yes ] || [ "$BELAY_RESTART_OWED" != 1 ] || exit 1
[ -z "$6" ] || [ "$6" = "$(enabled)" ] || [ "$6 $(enabled)" = 'no none' ] || exit 1
`;

/** Further arguments: running, enabled. Leaves in \`before\` the processes that a restart must have ended. */
export const setService = `${serviceState}${serviceControl}
known || refuse "there is no service called $name"
if [ -n "$6" ] && [ "$6" != "$(enabled)" ]; then
  case $(enabled) in yes | no | none) ;; *) refuse "$name is $(enabled); it cannot be enabled or disabled" ;; esac
fi
before=''
[ "$5" != yes ] || [ "$BELAY_RESTART_OWED" != 1 ] || before=$(tokens)
printf '%s' "$before" >"$BELAY_TASK/before"
if [ -n "$6" ] && [ "$6" != "$(enabled)" ]; then enable "$6"; fi
case $5 in
  yes) if [ -n "$before" ]; then restart; elif [ -z "$(tokens)" ]; then start; fi ;;
  no) [ -z "$(tokens)" ] || stop ;;
esac
`;

/** Further arguments: running, enabled. */
export const verifyService = `${serviceState}
now=$(tokens)
no() { echo "$1" >&2; exit 1; }
case $5 in
  yes)
    [ -n "$now" ] || no "$name does not run"
    before=''
    [ ! -f "$BELAY_TASK/before" ] || before=$(cat "$BELAY_TASK/before")
    [ -z "$(both "$before" "$now")" ] || no "$name was to be restarted, but a process of before still runs" ;;
  no) [ -z "$now" ] || no "$name still runs" ;;
esac
[ -z "$6" ] || [ "$6" = "$(enabled)" ] || [ "$6 $(enabled)" = 'no none' ] || no "$name is not enabled as it should be"
`;

/** Running or not, and enabled or not, as before. */
export const restoreService = `${serviceState}${serviceControl}
known || { echo "there is no service called $name any more" >&2; exit 1; }
was=\${BELAY_PRE_IMAGE##*enabled=}
[ "$was" = "$(enabled)" ] || enable "$was"
case $BELAY_PRE_IMAGE in
  *running=yes*) [ -n "$(tokens)" ] || start ;;
  *running=no*) [ -z "$(tokens)" ] || stop ;;
esac
`;

/** Restarts what runs, and proves it by the processes; what does not run, or is gone, needs no restart. */
export const restartService = `${serviceState}${serviceControl}
if known && [ -n "$(tokens)" ]; then restart; fi
`;
