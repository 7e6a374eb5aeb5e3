# Ends all replication of the server at THERE, as the replication administrator. ROOT is the container that has the tool,
# PORT the administration port; the password ADMIN is handed to it on a descriptor, and on no disk.
set -eu
export OPENDJ_JAVA_HOME=/opt/jre
chroot "$ROOT" /opt/opendj/bin/dsreplication disable --no-prompt --disableAll \
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \
  --hostname "$THERE" --port "$PORT" --adminUID admin --adminPasswordFile /dev/fd/3 3<<THREE
$ADMIN
THREE
