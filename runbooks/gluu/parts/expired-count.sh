# Prints how many entries of CLASSES of o=gluu were over BEFORE. ROOT is the container, FQDN and PORT the directory; its manager's
# password is on standard input.
set -eu
export OPENDJ_JAVA_HOME=/opt/jre
filter=
for class in $CLASSES; do filter="$filter(objectClass=$class)"; done
# All of it on one entry: it is of a class that expires, its time is over, and nobody has said that it stays. What says no time has no end.
filter="(&(|$filter)(oxAuthExpiration<=$BEFORE)(!(del=false)))"
chroot "$ROOT" /opt/opendj/bin/ldapsearch --useSSL --trustStorePath /opt/opendj/config/cluster.p12 \
  --trustStorePasswordFile /opt/opendj/config/cluster.pin --hostname "$FQDN" --port "$PORT" \
  --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin --baseDN o=gluu "$filter" 1.1 >"$BELAY_TASK/found"
grep -c '^dn:' "$BELAY_TASK/found" || [ $? -eq 1 ]
