# Puts the password NEW where OLD stands, hidden by the salt, in the entries for sign-in and cache refresh. ROOT is the container,
# FQDN and PORT the directory, MANAGER the password that lets its manager in. Hidden passwords are passwords: none is kept in a file.
set -eu
tool() {
  program=$1; shift
  printf '%s' "$MANAGER" | chroot "$ROOT" "/opt/opendj/bin/$program" --useSSL --hostname "$FQDN" --port "$PORT" \
    --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \
    --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin "$@"
}
entries=$(tool ldapsearch --baseDN ou=appliances,o=gluu '(|(oxIDPAuthentication=*)(oxTrustConfCacheRefresh=*))' oxIDPAuthentication oxTrustConfCacheRefresh)
changes=$(printf '%s\n' "$entries" | SALT="$ROOT/etc/gluu/conf/salt" perl "$ROOT/install/community-edition-setup/hidden-password.pl")
[ -z "$changes" ] || tool ldapmodify --filename /dev/fd/3 3<<CHANGES >&2
$changes
CHANGES
