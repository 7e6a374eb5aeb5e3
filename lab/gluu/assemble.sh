#!/bin/sh
# Makes the container's file system from an image with Debian packages. Everything lies in one folder already:
# Usage: assemble.sh TREE MATERIAL, where MATERIAL holds java/, opendj/, root/ and stand-in.jar
set -eu
tree=$1 material=$2

# Nobody reads manuals in there.
for folder in doc info locale man lintian; do rm -rf "$tree/usr/share/$folder"; done
rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/var/log/apt
mkdir -p "$tree/var/lib/apt/lists/partial" "$tree/var/cache/apt/archives/partial"
rm -f "$tree"/etc/ssh/ssh_host_* "$tree"/etc/hostname
# Devices are the host's, which is not allowed to make any.
rm -rf "$tree/dev" "$tree/run"
mkdir "$tree/dev" "$tree/run"

mkdir -p "$tree/opt/dist" "$tree/opt/gluu/lib"
mv "$material/java" "$tree/opt/jre"
# The vendor's Java is a JDK, with its runtime one folder deeper.
ln -s . "$tree/opt/jre/jre"
ln -s /opt/jre/bin/java "$tree/usr/bin/java"
ln -s /opt/jre/bin/keytool "$tree/usr/bin/keytool"
mv "$material/opendj" "$tree/opt/dist/opendj"
mv "$material/stand-in.jar" "$tree/opt/gluu/lib/stand-in.jar"
chmod -R u=rwX,go=rX "$material/root"
cp -R --preserve=mode "$material/root/." "$tree/"

in_tree() { chroot "$tree" "$@"; }
in_tree groupadd -g 1500 gluu
in_tree groupadd -g 1389 ldap
in_tree useradd -u 1389 -g ldap -m -s /bin/bash ldap
in_tree groupadd -g 1501 jetty
in_tree useradd -u 1501 -g jetty -G gluu -m -s /bin/false jetty
for service in ssh apache2 apache-htcacheclean; do in_tree update-rc.d -f "$service" remove >/dev/null; done

mkdir -p "$tree/etc/certs" "$tree/etc/gluu/conf" "$tree/var/ox/identity/cr-snapshots"
for name in oxauth identity idp; do
  for part in custom logs webapps; do mkdir -p "$tree/opt/gluu/jetty/$name/$part"; done
done
mkdir -p "$tree/opt/gluu/jetty/identity/conf/shibboleth3/idp" "$tree/opt/gluu/jetty/identity/conf/shibboleth3/sp"
mkdir -p "$tree/opt/gluu/node/passport/server/logs"
for part in conf metadata sp temp_metadata logs; do mkdir -p "$tree/opt/shibboleth-idp/$part"; done
chown -R 1501:1501 "$tree/opt/gluu/jetty" "$tree/opt/gluu/node" "$tree/opt/shibboleth-idp" "$tree/var/ox"
