# Tells the servers HERE and THERE to replicate o=gluu and o=site with each other, encrypted. ROOT is the container that has
# the tool, PORT the administration port of both and REPLICATION that of replication; the passwords MANAGER and ADMIN are
# handed to it on descriptors, and on no disk. Exits with 5 where nothing was left to enable.
set -eu
export OPENDJ_JAVA_HOME=/opt/jre
config=/opt/opendj/config
chroot "$ROOT" /opt/opendj/bin/dsreplication enable --no-prompt \
  --trustStorePath "$config/cluster.p12" --trustStorePasswordFile "$config/cluster.pin" \
  --adminUID admin --adminPasswordFile /dev/fd/3 --baseDN o=gluu --baseDN o=site \
  --host1 "$HERE" --port1 "$PORT" --bindDN1 'cn=directory manager' --bindPasswordFile1 /dev/fd/4 \
  --replicationPort1 "$REPLICATION" --secureReplication1 \
  --host2 "$THERE" --port2 "$PORT" --bindDN2 'cn=directory manager' --bindPasswordFile2 /dev/fd/5 \
  --replicationPort2 "$REPLICATION" --secureReplication2 3<<THREE 4<<FOUR 5<<FIVE
$ADMIN
THREE
$MANAGER
FOUR
$MANAGER
FIVE
