#!/bin/sh
# cspell:ignore procs
# Usage: systemd-init.sh start|stop GROUP, as root of a lab host. Runs systemd, with logind and sshd, as the first process of
# namespaces of its own within the host, over a control group of its own: those of the machine stay as they are.
set -eu
groups() { # command…
  mkdir -p /mnt/cgroup
  mount -t cgroup2 cgroup2 /mnt/cgroup
  "$@" && done=0 || done=1
  umount /mnt/cgroup
  return "$done"
}
enter() {
  mkdir -p "/mnt/cgroup/$1"
  echo 0 >"/mnt/cgroup/$1/cgroup.procs"
}
leave() {
  [ ! -d "/mnt/cgroup/$1" ] || find "/mnt/cgroup/$1" -depth -type d -exec rmdir {} +
}
case $1 in
  start)
    groups enter "$2"
    echo $$ >/run/systemd-init
    exec unshare -C -m -p -f --kill-child --propagation private sh -euc '
      mount -t proc -o nosuid,nodev,noexec proc /proc
      mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
      exec env container=lab /lib/systemd/systemd --system
    '
    ;;
  stop)
    kill -KILL "$(cat /run/systemd-init)"
    tries=0
    until groups leave "$2" 2>/dev/null; do
      [ "$tries" -lt 100 ] || exit 1
      tries=$((tries + 1))
      sleep 0.1
    done
    ;;
esac
