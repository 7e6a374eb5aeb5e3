#!/bin/sh
# As much of systemctl as a service step uses, over one daemon of its own: there is no systemd in the lab.
state=/srv/story/unit
daemon=/srv/story/daemond
pid() { cat "$state/pid" 2>/dev/null; }
alive() { [ -n "$(pid)" ] && [ -d "/proc/$(pid)" ]; }
start() {
  alive && return 0
  setsid "$daemon" 1000 >/dev/null 2>&1 &
  echo $! >"$state/pid"
}
stop() {
  kill "$(pid)" 2>/dev/null
  rm -f "$state/pid"
}
echo "$*" >>/srv/story/ledger
[ "$1" != --quiet ] || shift
[ -d "$state" ] || exit 4
case "$1 $2" in
  'show --property=LoadState') echo loaded ;;
  'show --property=ActiveState') if alive; then echo active; else echo inactive; fi ;;
  'show --property=MainPID') if alive && [ ! -e "$state/no-pid" ]; then pid; else echo 0; fi ;;
  'show --property=InvocationID') echo "run-$(pid)" ;;
  is-enabled*) cat "$state/enabled"; [ "$(cat "$state/enabled")" = enabled ] ;;
  enable*) echo enabled >"$state/enabled" ;;
  disable*) echo disabled >"$state/enabled" ;;
  start*) start ;;
  stop*) stop ;;
  restart*) stop; start ;;
  *) exit 2 ;;
esac
