import { refusal } from './file-state.sh.js';
import { packageImage } from './package-image.sh.js';

/**
 * The same with dnf and rpm. rpm writes its records in one transaction, so there is no half unpacked package to mend;
 * services of new packages do not start by themselves there. `do` writes into `added`, before it changes anything,
 * the names of the packages that it will add, as dnf's own plan says them.
 */
const packageState = `set -eu
umask 022
refuse() { printf '%s\\n' "$1" >&2; exit ${refusal}; }
command -v dnf >/dev/null && command -v rpm >/dev/null || refuse 'this host has no dnf'
added=$BELAY_TASK/added

# "name epoch:version-release.architecture" of each package that is there; of all where none is named.
present() {
  rpm -q --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH}\\n' "$@" 2>/dev/null | grep -v -e ' is not installed$' | LC_ALL=C sort -u || true
}
${packageImage()}
# Whether an installed one ("0:1.2-3.noarch") is the version that was asked for: 1.2, 1.2-3 or 0:1.2-3.
fits() {
  full=\${1%.*}
  case $2 in "$full" | "\${full#*:}" | "\${full%-*}") return 0 ;; esac
  bare=\${full#*:}
  [ "\${bare%-*}" = "$2" ]
}
`;

const packageControl = `
# dnf waits for another dnf on its own, without an end; ours has one.
run_dnf() {
  timeout "$lock_wait" sh -c 'while [ -e "$1" ] && kill -0 "$(cat "$1" 2>/dev/null)" 2>/dev/null; do sleep 1; done' sh /var/run/dnf.pid ||
    refuse "another dnf has not ended within $lock_wait seconds"
  dnf -q --setopt="install_weak_deps=$recommends" --setopt=clean_requirements_on_remove=False "$@"
}

# What dnf says it would do, as "Installing name" lines: its table has a heading a verb, and a package a line.
plan() {
  dnf --setopt="install_weak_deps=$recommends" --assumeno install "$@" >"$BELAY_TASK/plan" 2>"$BELAY_TASK/why" || true
  verb=''
  while IFS= read -r line; do
    case $line in
      'Transaction Summary'*) break ;;
      ' '*) [ -z "$verb" ] || case $line in '  '*) ;; *) set -- $line; echo "$verb $1" ;; esac ;;
      *:) verb=\${line%%[ :]*} ;;
    esac
  done <"$BELAY_TASK/plan"
}
`;

const check = `${packageState}
version=$1
shift
for name in "$@"; do
  found=$(present "$name")
  [ -n "$found" ] || { echo "$name is not installed" >&2; exit 1; }
  [ -z "$version" ] || fits "\${found##* }" "$version" || { echo "$name is there as \${found##* }" >&2; exit 1; }
done
`;

const capture = `${packageState}
version=$1
shift
if [ -n "\${BELAY_SAVE:-}" ]; then
  present -a >"$BELAY_SAVE/installed"
  old=$(present "$1")
  if [ -n "$version" ] && [ -n "$old" ] && ! fits "\${old##* }" "$version"; then
    [ -n "$(dnf -q repoquery --available -- "$1-\${old##* }" 2>/dev/null)" ] ||
      refuse "$1 \${old##* } could not be had again by undo: no package source offers it"
  fi
fi
image "$@"
`;

const set = `${packageState}${packageControl}
lock_wait=$1 recommends=$2 version=$3
shift 3
began=''
trap 'code=$?; [ "$code" = 0 ] || [ -n "$began" ] || exit ${refusal}' EXIT
names=" $* "
[ -z "$version" ] || set -- "$1-$version"
touch -- "$added"
# What the plan leaves out, with what dnf knows of its sources now, and then with what they say today.
unplanned() {
  plan "$@" >"$BELAY_TASK/steps"
  missing=''
  for name in $names; do
    grep -q -e " $name\\$" "$BELAY_TASK/steps" ||
      { found=$(present "$name") && [ -n "$found" ] && { [ -z "$version" ] || fits "\${found##* }" "$version"; }; } || missing="$missing $name"
  done
  [ -n "$missing" ]
}
! unplanned "$@" || { run_dnf makecache --refresh || true; ! unplanned "$@"; } || true
[ -z "$missing" ] || refuse "dnf cannot install$missing: $(sed -n 's/^Error: //p' "$BELAY_TASK/why" | head -n 2)"
while read -r verb one; do
  case "$verb $names" in
    Installing*) grep -Fqx -e "$one" "$added" || grep -q -e "^$one " "$BELAY_PRE/installed" || echo "$one" >>"$added" ;;
    *" $one "*) ;;
    *) refuse "dnf would also change $one ($verb), which is installed already; undo could not take that back" ;;
  esac
done <"$BELAY_TASK/steps"
sync -- "$added" 2>/dev/null || sync
run_dnf -y --downloadonly install "$@" || refuse 'the packages cannot be downloaded'
began=1
if grep -q -v '^Installing' "$BELAY_TASK/steps"; then run_dnf -y --allowerasing install "$@"; else run_dnf -y install "$@"; fi
`;

/**
 * Removes what this step added, as far as nothing that others have installed since needs it; brings back a version
 * that was replaced.
 */
const remove = `${packageState}${packageControl}
lock_wait=$1 recommends=False
shift 2
touch -- "$added"
mine=''
for one in $(cat "$added"); do [ -z "$(present "$one")" ] || mine="$mine $one"; done
# What packages that are not ours need stays, and what those that stay need.
kept=''
while [ -n "$mine" ] && ! rpm -e --test $mine 2>"$BELAY_TASK/why"; do
  held=''
  for one in $mine; do
    rest=''
    for other in $mine; do [ "$other" = "$one" ] || rest="$rest $other"; done
    few=$(rpm -e --test $rest 2>&1 | grep -c 'is needed by' || true)
    [ "$few" -ge "$(grep -c 'is needed by' "$BELAY_TASK/why")" ] || { held=$one; break; }
  done
  [ -n "$held" ] || { cat "$BELAY_TASK/why" >&2; exit 1; }
  kept="$kept $held"
  mine=$(for other in $mine; do [ "$other" = "$held" ] || printf '%s ' "$other"; done)
done
[ -z "$mine" ] || rpm -e $mine
for name in "$@"; do
  old=$(grep -e "^$name " "$BELAY_PRE/installed") || continue
  old=\${old##* }
  now=$(present "$name")
  [ "\${now##* }" = "$old" ] || run_dnf -y --allowerasing install "$name-$old"
done
rm -f -- "$BELAY_TASK/plan" "$BELAY_TASK/why" "$BELAY_TASK/steps"
[ -z "$kept" ] || { echo "what others have begun to need was left:$kept" >&2; exit 1; }
rm -f -- "$added"
`;

export const dnf = { check, capture, set, remove };
