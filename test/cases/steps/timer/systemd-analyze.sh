#!/bin/sh
# Takes two calendar expressions, and no other.
[ "$1 $2" = 'calendar --' ] || exit 2
case $3 in '*-*-* 03:00:00' | 'Mon..Fri 08:00') ;; *) exit 1 ;; esac
