# Sets up the Gluu server whose container is ROOT, with the program in SETUP and the settings from standard input; the data
# where FIRST is true alone.
set -eu
umask 077
# What stands in there is gone with this script, however it ends.
trap 'rm -f "$ROOT$SETUP/setup.properties"' EXIT
{ cat; cat "$ROOT$SETUP/cluster.properties" 2>/dev/null || true; } >"$ROOT$SETUP/setup.properties"
[ "$FIRST" = true ] || set -- --empty-ldap
chroot "$ROOT" /bin/sh -euc 'umask 022; cd /install/community-edition-setup; exec ./setup.py -n -f setup.properties "$@"' sh "$@" \
  </dev/null >"$BELAY_TASK/said" 2>&1 || { tail -n 20 "$BELAY_TASK/said" >&2; exit 1; }
tail -n 3 "$BELAY_TASK/said"
