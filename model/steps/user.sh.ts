import { fileState, refusal } from './file-state.sh.js';

/**
 * A user is a line of /etc/passwd and one of /etc/shadow, a number of groups, and the group of the same name that
 * came along. Files of its home are no part of its state: they are the user's own.
 *
 * Arguments of every script: name, uid, primary group, groups (with commas), home, shell, comment, locked (yes, no);
 * what is not asked for is empty.
 */
const userState = `${fileState}
name=$1 uid=$2 group=$3 groups=$4 home=$5 shell=$6 comment=$7 locked=$8

# The line of a name in a file of accounts, or nothing.
line() { while IFS= read -r one || [ -n "$one" ]; do case $one in "$2:"*) printf '%s' "$one"; return ;; esac; done <"$1"; }
# Field N of a line, counted from 1.
field() { printf '%s\\n' "$2" | cut -d : -f "$1"; }

# The groups that name the user as a member, in their own order.
memberships() {
  while IFS=: read -r one password number members; do
    case ",$members," in *",$name,"*) printf '%s,' "$one" ;; esac
  done </etc/group
}

image_of_user() {
  set -- "$(line /etc/passwd "$name")" "$(line /etc/shadow "$name")"
  if [ -z "$1" ]; then printf 'user absent'; else printf 'user %s shadow=%.16s' "$1" "$(printf '%s' "$2" | sha256sum)"; fi
  printf ' in=%s own=%s' "$(memberships)" "$(line /etc/group "$name")"
  [ -z "$(line /etc/subuid "$name" 2>/dev/null)" ] || printf ' sub'
  echo
}

# The system knows it, but not from /etc/passwd: what would be changed there is not what counts.
local_only() {
  [ -n "$(line /etc/passwd "$name")" ] || ! id -u -- "$name" >/dev/null 2>&1 ||
    refuse "$name comes from a directory, not from /etc/passwd of this host"
}

locked_now() { case $(field 2 "$(line /etc/shadow "$name")") in '!'* | '*'*) echo yes ;; *) echo no ;; esac; }

# Says what is not as asked; nothing where all is.
differs() {
  now=$(line /etc/passwd "$name")
  [ -n "$now" ] || { echo "there is no user $name"; return; }
  [ -z "$uid" ] || [ "$uid" = "$(field 3 "$now")" ] || echo "$name has the number $(field 3 "$now")"
  [ -z "$group" ] || [ "$(field 3 "$(line /etc/group "$group")")" = "$(field 4 "$now")" ] || echo "$name has another primary group"
  [ -z "$home" ] || [ "$home" = "$(field 6 "$now")" ] || echo "$name has another home"
  [ -z "$shell" ] || [ "$shell" = "$(field 7 "$now")" ] || echo "$name has another shell"
  [ -z "$comment" ] || [ "$comment" = "$(field 5 "$now")" ] || echo "$name has another comment"
  [ -z "$locked" ] || [ "$locked" = "$(locked_now)" ] || echo "$name is locked: $(locked_now)"
  mine=$(memberships)
  for one in $(printf '%s' "$groups" | tr , ' '); do
    case ",$mine" in *",$one,"*) ;; *) echo "$name is not in $one" ;; esac
  done
}
`;

export const checkUser = `${userState}
local_only
why=$(differs)
[ -z "$why" ] || { printf '%s\\n' "$why" >&2; exit 1; }
`;

/** Saves the lines and memberships; refuses what cannot be done or not be taken back. */
export const captureUser = `${userState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  command -v useradd >/dev/null && command -v usermod >/dev/null || refuse 'this host has no useradd and usermod'
  local_only
  now=$(line /etc/passwd "$name")
  if [ -n "$now" ]; then
    [ -z "$uid" ] || [ "$uid" = "$(field 3 "$now")" ] ||
      refuse "$name has the number $(field 3 "$now") already; another one would leave its files to nobody"
    [ -z "$group" ] || [ "$(field 3 "$(line /etc/group "$group")")" = "$(field 4 "$now")" ] ||
      refuse "$name has another primary group already; changing it would change the group of files"
  fi
  for one in $group $(printf '%s' "$groups" | tr , ' '); do
    [ -n "$(line /etc/group "$one")" ] || refuse "there is no group $one on this host"
  done
  [ -z "$shell" ] || [ -x "$shell" ] || refuse "$shell is no program of this host"
  [ "$locked" != no ] || case $(field 2 "$(line /etc/shadow "$name")") in
    '' | '!' | '!!' | '*' | '!*') refuse "$name has no password; unlocked, it would be open to everybody" ;;
  esac
  umask 077
  printf '%s\\n' "$now" >"$BELAY_SAVE/passwd"
  memberships >"$BELAY_SAVE/groups"
  line /etc/group "$name" >"$BELAY_SAVE/own-group"
  line /etc/shadow "$name" >"$BELAY_SAVE/shadow"
fi
image_of_user
`;

/** Further arguments: whether a new one is of the system, whether its home is made. */
export const setUser = `${userState}
system=$9
shift 9
make_home=$1
before=$(image_of_user)
[ "$BELAY_ATTEMPT" != 1 ] || [ "$before" = "$BELAY_PRE_IMAGE" ] || refuse "$name has changed since it was looked at"
# Whatever fails and leaves the user as it was is a refusal.
trap 'code=$?; [ "$code" = 0 ] || [ "$(image_of_user)" != "$before" ] || exit ${refusal}' EXIT
local_only
umask 022
if [ -z "$(line /etc/passwd "$name")" ]; then
  set -- -M
  if [ "$make_home" = yes ] && [ ! -e "$home" ]; then
    [ ! -d /etc/skel ] || (cd /etc/skel && find . -type f -exec sha256sum {} +) >"$BELAY_TASK/home-files"
    set -- -m
    : >"$BELAY_TASK/made-home"
  fi
  if [ "$system" = yes ]; then set -- "$@" -r; fi
  if [ -n "$group" ]; then set -- "$@" -N -g "$group"
  elif [ -n "$(line /etc/group "$name")" ]; then set -- "$@" -N -g "$name"
  else
    : >"$BELAY_TASK/made-group"
    set -- "$@" -U
  fi
  [ -z "$uid" ] || set -- "$@" -u "$uid"
  [ -z "$groups" ] || set -- "$@" -G "$groups"
  [ -z "$home" ] || set -- "$@" -d "$home"
  [ -z "$shell" ] || set -- "$@" -s "$shell"
  [ -z "$comment" ] || set -- "$@" -c "$comment"
  useradd "$@" -- "$name"
else
  set -- --
  add=''
  for one in $(printf '%s' "$groups" | tr , ' '); do case ",$(memberships)" in *",$one,"*) ;; *) add="$add,$one" ;; esac; done
  [ -z "$add" ] || set -- -a -G "\${add#,}" "$@"
  now=$(line /etc/passwd "$name")
  [ -z "$home" ] || [ "$home" = "$(field 6 "$now")" ] || set -- -d "$home" "$@"
  [ -z "$shell" ] || [ "$shell" = "$(field 7 "$now")" ] || set -- -s "$shell" "$@"
  [ -z "$comment" ] || [ "$comment" = "$(field 5 "$now")" ] || set -- -c "$comment" "$@"
  case "$locked $(locked_now)" in 'yes no') set -- -L "$@" ;; 'no yes') set -- -U "$@" ;; esac
  [ "$#" = 1 ] || usermod "$@" "$name"
fi
`;

/**
 * A user that was added goes, with the group that came along and those files of its home that nobody has changed;
 * one that was there gets back what was changed. Groups that others have put it in since keep it.
 */
export const restoreUser = `${userState}
was=$(cat "$BELAY_PRE/passwd")
now=$(line /etc/passwd "$name")
left=''
if [ -z "$was" ]; then
  home=$(field 6 "$now")
  # userdel takes the group of the same name along where it is the primary one; a group that was there before stays.
  [ -z "$now" ] || [ ! -s "$BELAY_PRE/own-group" ] || usermod -d /nonexistent -g root -- "$name"
  [ -z "$now" ] || userdel -- "$name"
  if [ -e "$BELAY_TASK/made-group" ] && [ -n "$(line /etc/group "$name")" ]; then groupdel -- "$name"; fi
  if [ -e "$BELAY_TASK/made-home" ] && [ -n "$home" ] && [ -d "$home" ] && [ ! -L "$home" ]; then
    cd -P -- "$home"
    touch -- "$BELAY_TASK/home-files"
    sha256sum --check --quiet "$BELAY_TASK/home-files" 2>/dev/null | sed -n 's/: FAILED.*//p' >"$BELAY_TASK/changed" || true
    while read -r sum file; do
      grep -Fqx -e "$file" "$BELAY_TASK/changed" || rm -f -- "$file"
    done <"$BELAY_TASK/home-files"
    find . -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null || true
    cd /
    rmdir -- "$home" 2>/dev/null || left="$home holds what other hands have put there; it stays"
  fi
elif [ -n "$now" ]; then
  set -- --
  kept=''
  old=$(cat "$BELAY_PRE/groups")
  for one in $(memberships | tr , ' '); do
    case ",$old" in *",$one,"*) ;; *) case ",$groups," in *",$one,"*) continue ;; esac ;; esac
    kept="$kept,$one"
  done
  [ "\${kept#,}," = "$(memberships)" ] || [ "$kept$(memberships)" = '' ] || set -- -G "\${kept#,}" "$@"
  [ "$(field 6 "$was")" = "$(field 6 "$now")" ] || set -- -d "$(field 6 "$was")" "$@"
  [ "$(field 7 "$was")" = "$(field 7 "$now")" ] || set -- -s "$(field 7 "$was")" "$@"
  [ "$(field 5 "$was")" = "$(field 5 "$now")" ] || set -- -c "$(field 5 "$was")" "$@"
  case $(field 2 "$(cat "$BELAY_PRE/shadow")") in '!'* | '*'*) before=yes ;; *) before=no ;; esac
  case "$before $(locked_now)" in 'yes no') set -- -L "$@" ;; 'no yes') set -- -U "$@" ;; esac
  [ "$#" = 1 ] || usermod "$@" "$name"
else
  left="$name is gone; it was removed by other hands"
fi
[ -z "$left" ] || { echo "$left" >&2; exit 1; }
rm -f -- "$BELAY_TASK/made-home" "$BELAY_TASK/made-group" "$BELAY_TASK/home-files" "$BELAY_TASK/changed"
`;
