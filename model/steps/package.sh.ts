import { refusal } from './file-state.sh.js';
import { packageImage } from './package-image.sh.js';

/** dpkg has been killed while it unpacked. */
const interrupted = `  [ -z "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] || printf ' interrupted;'
`;

/**
 * Packages are named by dpkg's own records. The state of a step is that of the named packages and of all that came
 * with them: \`do\` writes into \`added\`, before it changes anything, the names of the packages that it will add.
 */
const packageState = `set -eu
umask 022
refuse() { printf '%s\\n' "$1" >&2; exit ${refusal}; }
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || refuse 'this host has no apt; the package step knows no other'
added=$BELAY_TASK/added

# "name state version" of each package of which anything is there.
present() {
  [ "$#" = 0 ] || dpkg-query -W -f='\${Package} \${db:Status-Abbrev} \${Version}\\n' -- "$@" 2>/dev/null |
    while read -r package state version; do
      case $state in ?n* | '') ;; ?c*) echo "$package $state" ;; *) echo "$package $state $version" ;; esac
    done | sort -u
}
${packageImage(interrupted)}`;

/**
 * Ways in which apt and dpkg are run: never a question, old configuration files kept, no package removed, and
 * maintainer scripts of newly added packages find commands that pass over every start of a service. Nothing outside
 * the task's own folder is changed for that (no policy-rc.d), so nothing can be left behind by a kill.
 */
const packageControl = `
export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
quiet=$BELAY_TASK/quiet archives=$BELAY_TASK/archives

still() {
  rm -rf -- "$quiet"
  mkdir -p -- "$quiet"
  touch -- "$added"
  for command in invoke-rc.d deb-systemd-invoke service systemctl; do
    command -v "$command" >/dev/null || continue
    cat >"$quiet/$command" <<'STILL'
#!/bin/sh
# Stands before the real command while Belay installs packages: what a new package brings is started by its own
# service step, once it is configured.
here=\${0%/*} command=\${0##*/}
if grep -Fqx -e "\${DPKG_MAINTSCRIPT_PACKAGE:--}" "$here/../added"; then
  for word in "$@"; do
    shift
    case $word in
      start | restart | try-restart | force-reload | reload-or-restart) echo "$command $*: left to its service step"; exit 0 ;;
      --now) ;;
      *) set -- "$@" "$word" ;;
    esac
  done
fi
for place in /usr/sbin /usr/bin /sbin /bin; do [ ! -x "$place/$command" ] || exec "$place/$command" "$@"; done
exit 127
STILL
    chmod 700 "$quiet/$command"
  done
}

apt() {
  apt-get -y -q --no-remove -o "DPkg::Lock::Timeout=$lock_wait" -o "Dir::Cache::archives=$archives" \\
    -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 -o "APT::Install-Recommends=$recommends" \\
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o "DPkg::Path=$quiet:$PATH" \\
    -o 'DPkg::Pre-Invoke::=: >"$BELAY_TASK/began"' "$@"
}

# Whether another package manager is at work.
busy() {
  for comm in /proc/[0-9]*/comm; do
    { IFS= read -r line <"$comm"; } 2>/dev/null || continue
    case $line in apt | apt-get | aptitude | dpkg | unattended-upgr | packagekitd) return 0 ;; esac
  done
  return 1
}

# By the clock that nobody can set.
seconds() { read -r up idle </proc/uptime; echo "\${up%%.*}"; }

# Runs a command again while it fails and another package manager is at work, as long as is to be waited.
in_turn() {
  end=$(($(seconds) + lock_wait))
  until "$@"; do
    busy && [ "$(seconds)" -lt "$end" ] || return 1
    sleep 2
  done
}

interrupted() { [ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] || [ -n "$(dpkg --audit)" ]; }
`;

/** Arguments: version or nothing, names. */
export const checkPackages = `${packageState}
version=$1
shift
for name in "$@"; do
  found=$(dpkg-query -W -f='\${db:Status-Abbrev} \${Version}\\n' -- "$name" 2>/dev/null) || found=''
  case $found in
    [ih]i' '*) [ -z "$version" ] || [ "\${found##* }" = "$version" ] || { echo "$name is there as \${found##* }" >&2; exit 1; } ;;
    *) echo "$name is not installed" >&2; exit 1 ;;
  esac
done
`;

/** Arguments: version or nothing, names. A version that undo could not bring back is not replaced. */
export const capturePackages = `${packageState}
version=$1
shift
if [ -n "\${BELAY_SAVE:-}" ]; then
  dpkg-query -W -f='\${Package} \${db:Status-Abbrev} \${Version}\\n' >"$BELAY_SAVE/installed"
  if [ -n "$version" ]; then
    old=$(dpkg-query -W -f='\${db:Status-Abbrev} \${Version}' -- "$1" 2>/dev/null) || old=''
    case $old in
      ?i*) apt-cache madison -- "$1" | grep -Fq -e " \${old##* } " ||
        refuse "$1 \${old##* } could not be had again by undo: no package source offers it" ;;
    esac
  fi
fi
image "$@"
`;

/** Arguments: seconds to wait for locks, whether recommended packages come along, version or nothing, names. */
export const installPackages = `${packageState}${packageControl}
lock_wait=$1 recommends=$2 version=$3
shift 3
# Whatever ends this before apt has called dpkg is a refusal.
rm -f -- "$BELAY_TASK/began"
trap 'code=$?; rm -rf -- "$quiet" "$archives"; [ "$code" = 0 ] || [ -e "$BELAY_TASK/began" ] || exit ${refusal}' EXIT
mkdir -p -- "$archives/partial"
still
mend=''
if interrupted; then
  [ "$BELAY_ATTEMPT" != 1 ] || refuse 'dpkg was interrupted or left packages unfinished; put that right first: dpkg --audit'
  : >"$BELAY_TASK/began"
  PATH="$quiet:$PATH" in_turn dpkg --force-confdef --force-confold --configure -a || true
  mend=--fix-broken
fi
names=" $* "
[ -z "$version" ] || set -- "$1=$version" --allow-downgrades
# In the order of words that apt wants: what to install, then switches.
plan=$(apt $mend --simulate install "$@" 2>/dev/null) ||
  { in_turn apt-get -q update && plan=$(apt $mend --simulate install "$@"); } || refuse "apt cannot install$names"
new='' changed=''
while read -r verb package version_now rest; do
  [ "$verb" = Inst ] || continue
  case $version_now in '['*) changed="$changed $package" ;; *) new="$new $package" ;; esac
done <<PLAN
$plan
PLAN
for one in $changed; do
  case $names in *" $one "*) continue ;; esac
  grep -Fqx -e "$one" "$added" || refuse "apt would also replace $one, which is installed already; undo could not take that back"
done
for one in $new; do
  grep -Fqx -e "$one" "$added" || grep -q "^$one .i" "$BELAY_PRE/installed" || echo "$one" >>"$added"
done
sync -- "$added" 2>/dev/null || sync
apt $mend --download-only install "$@" ||
  { in_turn apt-get -q update && apt $mend --download-only install "$@"; } || refuse "the packages cannot be downloaded"
apt $mend --no-download install "$@"
`;

/**
 * Arguments: seconds to wait for locks, version or nothing, names. Removes what this step added, configuration files
 * included, as far as nothing that others have installed since needs it; brings back a version that was replaced.
 */
export const removePackages = `${packageState}${packageControl}
lock_wait=$1 recommends=false
shift 2
mkdir -p -- "$archives/partial"
still
# dpkg folds the notes of an interrupted run into its records whenever it writes them. (Setting no selections would do
# that too, but it also takes sections and priorities from the list of available packages.)
[ -z "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] || in_turn dpkg --triggers-only --pending || true
# What was killed while it was unpacked has files that dpkg does not know of yet; unpacked whole, it knows them all.
for half in $(present $(cat "$added") | while read -r package state version; do
  case $state in ?H*) echo "$package" ;; esac
done); do
  ls "$archives/$half"_*.deb >/dev/null 2>&1 || (cd -- "$archives" && apt-get -q -o APT::Sandbox::User=root download "$half")
  PATH="$quiet:$PATH" in_turn dpkg --force-confold --unpack "$archives/$half"_*.deb
done
# What dpkg had taken out of a package when it was killed; it begins by removing that, but it may not be called again.
busy || rm -rf /var/lib/dpkg/tmp.ci
mine=$(present $(cat "$added") | while read -r package state version; do
  grep -q "^$package .[^n]" "$BELAY_PRE/installed" && [ "\${state#?c}" != "$state" ] || echo "$package"
done)
mine=$(for one in $mine; do printf '%s ' "$one"; done)

# Whether removing these would take others along that are not ours.
takes_others() {
  plan=$(apt-get --simulate -o APT::Get::AutomaticRemove=false purge "$@" 2>/dev/null) || return 1
  while read -r verb package rest; do
    case $verb in
      Remv | Purg) case " $mine" in *" $package "*) ;; *) echo "$1 stays: $package needs it" >&2; return 0 ;; esac ;;
    esac
  done <<PLAN
$plan
PLAN
  return 1
}

kept=''
if [ -n "$mine" ] && takes_others $mine 2>/dev/null; then
  free=''
  for one in $mine; do
    if takes_others "$one"; then kept="$kept $one"; else free="$free $one"; fi
  done
else free=$mine
fi
purge='' remove=''
for one in $free; do
  if grep -q "^$one .c" "$BELAY_PRE/installed"; then remove="$remove $one"; else purge="$purge $one"; fi
done
[ -z "$remove" ] || in_turn dpkg --force-remove-reinstreq --remove $remove
[ -z "$purge" ] || in_turn dpkg --force-remove-reinstreq --purge $purge
# A killed run leaves triggers of other packages pending, such as that of the linker's cache.
in_turn dpkg --triggers-only --pending
# One that was killed while its trigger ran is half configured now, and was whole before.
half=$(dpkg-query -W -f='\${Package} \${db:Status-Abbrev}\n' | while read -r package state; do
  case $state in ?F*) ! grep -q "^$package .i" "$BELAY_PRE/installed" || echo "$package" ;; esac
done)
[ -z "$half" ] || PATH="$quiet:$PATH" in_turn dpkg --force-confold --configure $half

for name in "$@"; do
  old=$(grep "^$name .i" "$BELAY_PRE/installed") || continue
  old=\${old##* }
  now=$(dpkg-query -W -f='\${Version}' -- "$name" 2>/dev/null) || now=''
  [ "$now" = "$old" ] || apt --allow-downgrades install "$name=$old"
done
rm -rf -- "$quiet" "$archives"
[ -z "$kept" ] || { echo "what others have begun to need was left:$kept" >&2; exit 1; }
rm -f -- "$added"
`;
