#!/bin/sh
# Forgets one of the groups, as an odd useradd might.
for word; do
  shift
  [ "$word" != adm,tty ] || word=adm
  set -- "$@" "$word"
done
exec /usr/sbin/useradd "$@"
