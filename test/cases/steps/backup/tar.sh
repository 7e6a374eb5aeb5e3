#!/bin/sh
# Somebody writes whenever the folder is read.
[ ! -d /srv/story/d ] || echo more >>/srv/story/d/log
exec /usr/bin/tar "$@"
