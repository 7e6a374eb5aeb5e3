#!/bin/sh
# Written by Belay. csync2 calls it when files of identity and the IdP have come from another node, or gone to others.
# Restarts idp and identity where they run: they read these files at their start.
set -u
. /etc/default/gluu-file-sync
for one in idp identity; do
  [ -x "$ROOT/etc/init.d/$one" ] && [ -d "$ROOT/opt/gluu/jetty/$one" ] || continue
  chroot "$ROOT" "/etc/init.d/$one" restart </dev/null >/dev/null 2>&1 ||
    logger -t gluu-file-sync -p daemon.warning -- "$one did not restart after its files had changed"
done
