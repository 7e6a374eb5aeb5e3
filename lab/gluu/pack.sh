#!/bin/sh
# Makes a package of each version from one tree, which is renamed from one to the next, and a signed index of them in out/.
# Usage: pack.sh VERSION..., in a folder with tree/ and scripts/
set -eu
architecture=$(dpkg --print-architecture)
mkdir -p out package/opt package/DEBIAN package/etc/init.d package/usr/sbin
size=$(du -sk tree | cut -f 1)
last=tree
for version; do
  name=gluu-server-$version
  mv "$last" "package/opt/$name"
  last=package/opt/$name
  for script in control postinst prerm postrm; do
    sed -e "s/@VERSION@/$version/g" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" "scripts/$script" >"package/DEBIAN/$script"
    case $script in control) ;; *) chmod 755 "package/DEBIAN/$script" ;; esac
  done
  rm -f package/etc/init.d/* package/usr/sbin/*
  sed "s/@VERSION@/$version/g" scripts/init >"package/etc/init.d/$name"
  sed "s/@VERSION@/$version/g" scripts/serverd >"package/usr/sbin/gluu-serverd-$version"
  chmod 755 "package/etc/init.d/$name" "package/usr/sbin/gluu-serverd-$version"
  dpkg-deb -Zzstd -z1 --build package "out/${name}_$version-1_$architecture.deb" >/dev/null
done
cd out
apt-ftparchive packages . >Packages
apt-ftparchive -o APT::FTPArchive::Release::Origin='Gluu of the lab' release . >Release
export GNUPGHOME=/build/keys
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key 'Gluu packages of the lab <lab@packages.lab.test>' ed25519 sign never
gpg --batch --quiet --clearsign --output InRelease Release
gpg --batch --quiet --armor --detach-sign --output Release.gpg Release
gpg --armor --export >gluu-repository.asc
gpg --with-colons --list-keys | sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | head -n 1 | tr -d '\n' >fingerprint
gpgconf --kill all
