# Tells the servers HERE and THERE to replicate o=gluu and o=site with each other, encrypted. ROOT is the container that has
# the tool, PORT the administration port of both and REPLICATION that of replication; the passwords MANAGER and ADMIN are in
# files of their own for the time of it. Exits with 5 where nothing was left to enable.
set -eu
export OPENDJ_JAVA_HOME=/opt/jre
work=$(mktemp -d "$ROOT/tmp/belay.XXXXXX")
trap 'rm -rf "$work"' EXIT
printf '%s' "$MANAGER" >"$work/manager"
printf '%s' "$ADMIN" >"$work/admin"
in=${work#"$ROOT"} config=/opt/opendj/config
chroot "$ROOT" /opt/opendj/bin/dsreplication enable --no-prompt \
  --trustStorePath "$config/cluster.p12" --trustStorePasswordFile "$config/cluster.pin" \
  --adminUID admin --adminPasswordFile "$in/admin" --baseDN o=gluu --baseDN o=site \
  --host1 "$HERE" --port1 "$PORT" --bindDN1 'cn=directory manager' --bindPasswordFile1 "$in/manager" \
  --replicationPort1 "$REPLICATION" --secureReplication1 \
  --host2 "$THERE" --port2 "$PORT" --bindDN2 'cn=directory manager' --bindPasswordFile2 "$in/manager" \
  --replicationPort2 "$REPLICATION" --secureReplication2
