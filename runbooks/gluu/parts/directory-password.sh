#!/bin/sh
# Asks about and changes the passwords of one entry of a node's directory, over LDAPS. Passwords are in the environment,
# and on descriptors of OpenDJ's tools, never in a command line and on no disk.
#   directory-password.sh takes DN PASSWORD-VARIABLE               0: it lets the entry in; 1: it does not; 2: nobody can say
#   directory-password.sh single DN MANAGER                        0: it has this one password; 1: others as well; 2: nobody can say
#   directory-password.sh add|delete|replace DN PASSWORD-VARIABLE  as the directory manager, with the password in MANAGER
# Besides: ROOT (the container), FQDN and PORT (the directory).
set -eu
umask 077
action=$1 dn=$2
eval "value=\$$3"
export OPENDJ_JAVA_HOME=/opt/jre

directory() {
  tool=$1; shift
  chroot "$ROOT" "/opt/opendj/bin/$tool" --useSSL --hostname "$FQDN" --port "$PORT" \
    --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \
    --bindPasswordFile /dev/stdin "$@"
}

if [ "$action" = takes ]; then
  code=0
  printf '%s' "$value" | directory ldapsearch --bindDN "$dn" --baseDN '' --searchScope base '(objectClass=*)' 1.1 >/dev/null || code=$?
  case $code in 0) exit 0 ;; 49) exit 1 ;; *) exit 2 ;; esac
fi

if [ "$action" = single ]; then
  has=$(printf '%s' "$MANAGER" | directory ldapsearch --bindDN 'cn=directory manager' --baseDN "$dn" --searchScope base '(objectClass=*)' userPassword) || exit 2
  case $(printf '%s\n' "$has" | grep -ci '^userPassword:') in 0) exit 2 ;; 1) exit 0 ;; *) exit 1 ;; esac
fi

# base64, since a value as it is would have to be told from LDIF's own signs.
printf '%s' "$MANAGER" | directory ldapmodify --bindDN 'cn=directory manager' --filename /dev/fd/3 3<<CHANGE >&2
dn: $dn
changetype: modify
$action: userPassword
userPassword:: $(printf '%s' "$value" | base64 -w 0)
CHANGE
