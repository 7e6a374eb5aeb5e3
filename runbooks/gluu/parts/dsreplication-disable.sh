# Ends all replication of the server at THERE, as the replication administrator. ROOT is the container that has the tool,
# PORT the administration port; the password ADMIN is in a file of its own for the time of it.
set -eu
export OPENDJ_JAVA_HOME=/opt/jre
work=$(mktemp -d "$ROOT/tmp/belay.XXXXXX")
trap 'rm -rf "$work"' EXIT
printf '%s' "$ADMIN" >"$work/admin"
chroot "$ROOT" /opt/opendj/bin/dsreplication disable --no-prompt --disableAll \
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \
  --hostname "$THERE" --port "$PORT" --adminUID admin --adminPasswordFile "${work#"$ROOT"}/admin"
