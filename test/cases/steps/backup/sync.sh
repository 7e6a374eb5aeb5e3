#!/bin/sh
# Somebody writes in the last moment.
[ ! -d /srv/story/d ] || echo late >/srv/story/d/late
exec /usr/bin/sync "$@"
