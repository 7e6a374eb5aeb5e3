#!/bin/sh
### BEGIN INIT INFO
# Provides: story
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
# Short-Description: a daemon whose init script lies as it is told to
### END INIT INFO
echo "$1" >>/srv/story/ledger
told() { [ -e "/srv/story/$1" ]; }
start() {
  told no-start && return 0
  kill -0 "$(cat /run/story.pid)" 2>/dev/null && return 0
  if told dies; then /srv/story/daemond 0.3 & else setsid /srv/story/daemond 1000 >/dev/null 2>&1 & fi
  told no-pid-file || echo $! >/run/story.pid
}
stop() {
  told no-stop && return 0
  for exe in /proc/[0-9]*/exe; do
    case $(readlink "$exe") in /srv/story/daemond*) ;; *) continue ;; esac
    exe=${exe%/exe}
    kill "${exe##*/}"
  done
  rm -f /run/story.pid
}
case $1 in
  start) start ;;
  stop) stop ;;
  restart) told no-restart || { if told forgets; then rm -f /run/story.pid; else stop; fi; sleep 0.1; start; } ;;
  status) told always-up || kill -0 "$(cat /run/story.pid 2>/dev/null)" 2>/dev/null || exit 3 ;;
esac
if told angry; then exit 1; fi
