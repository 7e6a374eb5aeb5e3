#!/bin/sh
# Makes a repository of small packages on this host, once, and has dnf know it.
set -eu
mkdir -p /srv/rpm /etc/yum.repos.d
cd /srv/rpm
spec() {
  printf 'Name: %s\nVersion: %s\nRelease: 1\nSummary: s\nLicense: x\nBuildArch: noarch\n%s\n%%description\ns\n%%files\n%%install\n' "$1" "$2" "${3:-}" >"$1-$2.spec"
  rpmbuild -bb --quiet --define '_rpmdir /srv/rpm' --define '_topdir /srv/rpm/top' "$1-$2.spec" >/dev/null 2>&1
}
if [ ! -d repodata ]; then
  spec Story 1.0 'Requires: story-libs
Recommends: story-docs'
  spec Story 2.0 'Requires: story-libs'
  spec story-libs 1.0
  spec story-libs 2.0
  spec story-docs 1.0
  spec story-user 1.0 'Requires: story-libs'
  spec story-new 1.0 'Requires: story-libs >= 2'
  createrepo_c -q .
fi
printf '[story]\nname=story\nbaseurl=file:///srv/rpm\ngpgcheck=0\n' >/etc/yum.repos.d/story.repo
rpm -qa >/dev/null
dnf -q makecache --refresh 2>/dev/null
