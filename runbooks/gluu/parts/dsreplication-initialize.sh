# Fills o=gluu and o=site of the server THERE with what HERE holds. ROOT is the container that has the tool, PORT the
# administration port of both; the password ADMIN is handed to it on a descriptor, and on no disk.
set -eu
export OPENDJ_JAVA_HOME=/opt/jre
chroot "$ROOT" /opt/opendj/bin/dsreplication initialize --no-prompt --baseDN o=gluu --baseDN o=site \
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \
  --adminUID admin --adminPasswordFile /dev/fd/3 \
  --hostSource "$HERE" --portSource "$PORT" --hostDestination "$THERE" --portDestination "$PORT" 3<<THREE
$ADMIN
THREE
