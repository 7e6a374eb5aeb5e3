#!/bin/sh
# Written by Belay. One pass of csync2: what has changed here goes to the other nodes.
# Usage: gluu-file-sync [wait]; with "wait" after a pass that goes on already, else not at all.
# It refuses (66) where the container's files are gone. What the last pass came to is in /run/gluu-file-sync.last.
set -u
. /etc/default/gluu-file-sync
warn() { logger -t gluu-file-sync -p daemon.warning -- "$1"; }

exec 9>/run/gluu-file-sync.lock
patience=0
[ "${1:-}" != wait ] || patience=300
if ! flock -w "$patience" 9; then
  warn "the pass before still goes on after ${INTERVAL:-?} minutes; this one is left out"
  exit 75
fi
# A container that is not there would be taken for files that were removed here, and they would be removed everywhere.
first=$(sed -n 's/^ *include \(.*\);$/\1/p' /etc/csync2.cfg | sed -n 1p)
if [ ! -d "${ROOT:-}" ] || [ ! -d "$first" ] || [ -z "$(find "$first" -type f -print 2>/dev/null | sed -n 1p)" ]; then
  why="no pass: ${first:-a shared path} of ${ROOT:-?} is not there or empty, and what is lost here would be removed on the other nodes"
  warn "$why"
  echo "$why" | tee /run/gluu-file-sync.log >&2
  printf 'ended=%s took=0 exit=66\n' "$(date +%s)" >/run/gluu-file-sync.last
  exit 66
fi
began=$(date +%s)
# What no longer belongs to the configuration is forgotten first; no file is removed by that.
csync2 -N "$NODE" -R 9>&- && csync2 -N "$NODE" -xv 9>&- >/run/gluu-file-sync.log 2>&1
code=$?
took=$(($(date +%s) - began))
printf 'ended=%s took=%s exit=%s\n' "$(date +%s)" "$took" "$code" >/run/gluu-file-sync.last
[ "$code" = 0 ] || warn "csync2 ended with $code; see /run/gluu-file-sync.log"
[ "$took" -lt $((INTERVAL * 60)) ] || warn "the pass took $took seconds, longer than its interval of $INTERVAL minutes"
exit "$code"
