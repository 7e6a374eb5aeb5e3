#!/bin/sh
# Becomes the first process of a host, in new mount, process, name and IPC namespaces and in the host's network.
# Usage: boot-host.sh ROOT BOOT_ID_FILE NAME FORBIDDEN_CAPABILITIES
set -eu
root=$1 boot_id=$2 name=$3 forbidden=$4

hostname "$name"
cd "$root"

mount -t proc -o nosuid,nodev,noexec proc proc
# A host may set what belongs to its own network, not what belongs to the machine.
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,ro proc/sys
# The kernel's own boot id is the same in every namespace; a fresh file over it makes a power cut visible.
mount --bind "$boot_id" proc/sys/kernel/random/boot_id
mount -o remount,bind,ro proc/sys/kernel/random/boot_id
for file in proc/sysrq-trigger proc/kcore; do
  if [ -e "$file" ]; then mount --bind /dev/null "$file"; fi
done
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys

mount -t tmpfs -o nosuid,mode=755,size=64k tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs dev/shm
for node in 'null 3' 'zero 5' 'full 7' 'random 8' 'urandom 9'; do
  mknod -m 666 "dev/${node% *}" c 1 "${node#* }"
done
mknod -m 666 dev/tty c 5 0
mknod -m 600 dev/console c 1 3
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs run
mkdir -m 1777 run/lock
# init tells the run level to whoever asks only where this file already is.
: >run/utmp

# Swapping the root in place and dropping the old one leaves the host no way to see the machine's files.
pivot_root . .
umount -l .
cd /

# What would harm the machine itself is out of the host's reach.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C HOME=/ \
  setpriv --bounding-set="$forbidden" --inh-caps="$forbidden" /sbin/init
