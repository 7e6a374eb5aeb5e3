# Fills o=gluu and o=site of the server THERE with what HERE holds. ROOT is the container that has the tool, PORT the
# administration port of both; the password ADMIN is in a file of its own for the time of it.
set -eu
export OPENDJ_JAVA_HOME=/opt/jre
work=$(mktemp -d "$ROOT/tmp/belay.XXXXXX")
trap 'rm -rf "$work"' EXIT
printf '%s' "$ADMIN" >"$work/admin"
chroot "$ROOT" /opt/opendj/bin/dsreplication initialize --no-prompt --baseDN o=gluu --baseDN o=site \
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \
  --adminUID admin --adminPasswordFile "${work#"$ROOT"}/admin" \
  --hostSource "$HERE" --portSource "$PORT" --hostDestination "$THERE" --portDestination "$PORT"
