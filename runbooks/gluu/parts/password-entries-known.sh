# Whether the password OLD stands in no entry for sign-in and cache refresh any more. 0: so it is; 1: it stands there, or nothing
# can look for it yet; 2: nobody can say. ROOT is the container, FQDN and PORT the directory, MANAGER its manager's password.
set -eu
[ -e "$ROOT/install/community-edition-setup/hidden-password.pl" ] || exit 1
there=$(printf '%s' "$MANAGER" | chroot "$ROOT" /opt/opendj/bin/ldapsearch --useSSL --hostname "$FQDN" --port "$PORT" \
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \
  --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin --baseDN ou=appliances,o=gluu \
  '(|(oxIDPAuthentication=*)(oxTrustConfCacheRefresh=*))' oxIDPAuthentication oxTrustConfCacheRefresh) || exit 2
counts=$(printf '%s\n' "$there" | SALT="$ROOT/etc/gluu/conf/salt" perl "$ROOT/install/community-edition-setup/hidden-password.pl" --count) || exit 2
case $(echo $counts) in 'old=0 '*) exit 0 ;; *) exit 1 ;; esac
