import { root } from './gluu-servers.js';

/**
 * A script for the first node that has oxAuth's settings say how long tokens live, as a person would do it with an LDAP
 * editor.
 *
 * @param manager - the password of the directory manager
 */
export const shortLives = (manager: string, seconds: number): string => `cd /root
export OPENDJ_JAVA_HOME=/opt/jre
directory() {
  tool=$1; shift
  printf '%s' '${manager}' | chroot ${root} "/opt/opendj/bin/$tool" --useSSL --hostname node1.lab.test --port 1636 \\
    --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \\
    --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin "$@"
}
entry=$(directory ldapsearch --baseDN ou=appliances,o=gluu '(oxAuthConfDynamic=*)' oxAuthConfDynamic oxRevision | sed -e :a -e '$!N;s/\\n //;ta' -e 'P;D')
json=$(printf '%s\\n' "$entry" | sed -n 's/^oxAuthConfDynamic: //p' | sed 's/"idTokenLifetime":[0-9]*/"idTokenLifetime":${seconds}/;s/"accessTokenLifetime":[0-9]*/"accessTokenLifetime":${seconds}/')
[ -n "$json" ]
printf '%s\\n' "$(printf '%s\\n' "$entry" | grep '^dn: ')" 'changetype: modify' 'replace: oxAuthConfDynamic' "oxAuthConfDynamic: $json" - 'replace: oxRevision' 'oxRevision: 100' >change
directory ldapmodify --filename /dev/fd/3 3<change
rm change`;
