#!/bin/sh
# As much of systemctl as a timer step uses, saying what systemd 252 says: there is no systemd in the lab.
units=/etc/systemd/system
state=/run/story
for name; do :; done
echo "$*" >>/srv/story/ledger
mkdir -p "$state"
[ "$1" != --quiet ] || shift
what=$1
[ "$what" != show ] || what="show ${2#--property=}"
want=$units/timers.target.wants/$name
case $what in
  'show FragmentPath') if [ -e "$units/$name" ]; then echo "$units/$name"; else cat "/srv/story/vendor-$name" 2>/dev/null || echo; fi ;;
  'show NeedDaemonReload') if cmp -s "$units/$name" "$state/read-$name"; then echo no; else echo yes; fi ;;
  is-enabled)
    [ -e "$units/$name" ] || { echo "Failed to get unit file state for $name: No such file or directory" >&2; exit 1; }
    if [ -L "$want" ]; then echo enabled; else echo disabled; exit 1; fi ;;
  is-active) if [ -e "$state/active-$name" ]; then echo active; else echo inactive; exit 3; fi ;;
  daemon-reload)
    rm -f "$state"/read-*
    for unit in "$units"/story.*; do [ ! -f "$unit" ] || cp "$unit" "$state/read-${unit##*/}"; done ;;
  enable) mkdir -p "${want%/*}" && ln -sf "$units/$name" "$want" ;;
  disable) rm -f "$want" ;;
  start | restart) [ -e "$state/read-$name" ] || exit 5; [ -e /srv/story/lame ] || : >"$state/active-$name" ;;
  stop) rm -f "$state/active-$name" ;;
  reset-failed) ;;
  *) exit 2 ;;
esac
