# Restarts the web server and the applications of the container ROOT that it has, and not its directory.
set -eu
for one in apache2 httpd oxauth identity idp passport; do
  [ -e "$ROOT/etc/init.d/$one" ] || continue
  [ "$one" = apache2 ] || [ "$one" = httpd ] || [ -d "$ROOT/opt/gluu/jetty/$one" ] || [ -d "$ROOT/opt/gluu/node/$one" ] || continue
  chroot "$ROOT" "/etc/init.d/$one" restart </dev/null >"$BELAY_TASK/said" 2>&1 || { echo "$one:" >&2; tail -n 5 "$BELAY_TASK/said" >&2; exit 1; }
done
