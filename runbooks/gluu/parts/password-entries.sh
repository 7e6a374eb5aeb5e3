# Puts the password NEW where OLD stands, hidden by the salt, in the entries for sign-in and cache refresh. ROOT is the container,
# FQDN and PORT the directory, MANAGER the password that lets its manager in.
set -eu
umask 077
trap 'rm -f "$BELAY_TASK/entries" "$BELAY_TASK/changes"' EXIT
tool() {
  program=$1; shift
  printf '%s' "$MANAGER" | chroot "$ROOT" "/opt/opendj/bin/$program" --useSSL --hostname "$FQDN" --port "$PORT" \
    --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \
    --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin "$@"
}
tool ldapsearch --baseDN ou=appliances,o=gluu '(|(oxIDPAuthentication=*)(oxTrustConfCacheRefresh=*))' oxIDPAuthentication oxTrustConfCacheRefresh >"$BELAY_TASK/entries"
SALT="$ROOT/etc/gluu/conf/salt" perl "$ROOT/install/community-edition-setup/hidden-password.pl" <"$BELAY_TASK/entries" >"$BELAY_TASK/changes"
[ ! -s "$BELAY_TASK/changes" ] || tool ldapmodify --filename /dev/fd/3 3<"$BELAY_TASK/changes" >&2
