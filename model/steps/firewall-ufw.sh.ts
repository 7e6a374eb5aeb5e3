import { refusal } from './file-state.sh.js';
import { firewallState } from './firewall.sh.js';

/**
 * With ufw the rules stand before all others, and a comment says whose they are. ufw keeps them in two files, which
 * it loads when the host starts; what the kernel does now is asked of iptables.
 */
const ufwState = `${firewallState}
comment="belay $name"
four=/etc/ufw/user.rules six=/etc/ufw/user6.rules

present() {
  command -v ufw >/dev/null || refuse 'this host has no ufw; have a package step install it first'
  grep -q '^ENABLED=yes' /etc/ufw/ufw.conf && iptables -S ufw-user-input >/dev/null 2>&1 ||
    refuse 'ufw is not active; its rules would hold nothing'
}

image_of_all() {
  set -- "$({ iptables -S; ip6tables -S; } 2>/dev/null | grep -e '-A ufw6*-user-input ' | sha256sum)"
  printf '%s; %s; kernel %.16s\\n' "$(image "$four")" "$(image "$six")" "$1"
}

# The lines by which ufw's own files name rules, for one family (4, 6).
tuples() {
  if [ "$1" = 4 ]; then any=0.0.0.0/0; else any=::/0; fi
  hex=$(printf '%s' "$comment" | od -An -v -tx1 | tr -d ' \\n')
  while read -r action protocol port sources; do
    for one in $(printf '%s' "$sources" | tr , ' '); do
      case "$1 $one" in *' -') one=$any ;; '4 '*:*) continue ;; '4 '*) ;; '6 '*:*) ;; '6 '*) continue ;; esac
      printf '### tuple ### %s %s %s %s any %s in comment=%s\\n' "$action" "$protocol" "$port" "$any" "$one" "$hex"
    done
  done <"$rules"
}

# Whether a file of ufw begins with our rules and has no more of them.
begins() {
  tuples "$2" >"$BELAY_TASK/tuples"
  grep '^### tuple ###' "$1" >"$BELAY_TASK/theirs" || true
  [ "$(head -n "$(wc -l <"$BELAY_TASK/tuples")" "$BELAY_TASK/theirs")" = "$(cat "$BELAY_TASK/tuples")" ] &&
    [ "$(grep -c "comment=$hex\\$" "$BELAY_TASK/theirs" || true)" = "$(wc -l <"$BELAY_TASK/tuples" | tr -d ' ')" ]
}

# ufw keeps one rule for a port and source: where somebody else's is there, ours would not be added.
no_other() {
  for family in 4 6; do
    if [ "$family" = 4 ]; then file=$four; else file=$six; fi
    tuples "$family" >"$BELAY_TASK/tuples"
    while IFS= read -r one; do
      fit=\${one#'### tuple ### '}
      fit=\${fit#* }
      fit=" \${fit% comment=*}"
      ! grep '^### tuple ###' "$file" | grep -v "comment=$hex\$" | grep -Fq -e "$fit" ||
        refuse "ufw has a rule of others for$fit already, and takes no second one; remove it first"
    done <"$BELAY_TASK/tuples"
  done
}

# Whether the kernel has each rule.
enforced() {
  while read -r action protocol port sources; do
    case $action in allow) target=ACCEPT ;; deny) target=DROP ;; reject) target=REJECT ;; esac
    for one in $(printf '%s' "$sources" | tr , ' '); do
      set -- -p "$protocol" --dport "$port" -j "$target"
      case $one in
        -) iptables -C ufw-user-input "$@" && ip6tables -C ufw6-user-input "$@" ;;
        *:*) ip6tables -C ufw6-user-input -s "$one" "$@" ;;
        *) iptables -C ufw-user-input -s "$one" "$@" ;;
      esac 2>/dev/null || return 1
    done
  done <"$rules"
}
`;

const check = `${ufwState}
present
read_rules "$@"
no() { echo "$1" >&2; exit 1; }
begins "$four" 4 || no "$four does not begin with these rules"
begins "$six" 6 || no "$six does not begin with these rules"
enforced || no 'the kernel does not have these rules'
`;

const capture = `${ufwState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  present
  read_rules "$@"
  keeps_ssh
  no_other
  save "$four" four
  save "$six" six
fi
image_of_all
`;

/** Rules of ours from before go, then each is put in front of all others, the last one first. */
const set = `${ufwState}
before=''
trap 'code=$?; [ "$code" = 0 ] || [ -z "$before" ] || [ "$(image_of_all)" != "$before" ] || exit ${refusal}; [ -n "$before" ] || [ "$code" = 0 ] || exit ${refusal}' EXIT
present
read_rules "$@"
now=$(image_of_all)
[ "$BELAY_ATTEMPT" != 1 ] || [ "$now" = "$BELAY_PRE_IMAGE" ] || refuse "the rules of ufw have changed since they were captured"
keeps_ssh
no_other
before=$now
ours() { ufw show added | grep -e " comment '$comment'\\$" | sed 's/^ufw //; s/ comment .*//' | head -n 1; }
while one=$(ours) && [ -n "$one" ]; do ufw --force delete $one; done
sed -n '1!G; h; $p' "$rules" >"$BELAY_TASK/backwards"
while read -r action protocol port sources; do
  backwards=''
  for one in $(printf '%s' "$sources" | tr , ' '); do backwards="$one $backwards"; done
  for one in $backwards; do
    [ "$one" != - ] || one=any
    ufw prepend "$action" proto "$protocol" from "$one" to any port "$port" comment "$comment"
  done
done <"$BELAY_TASK/backwards"
`;

const restore = `${ufwState}
restore "$four" four
restore "$six" six
ufw reload
rm -f -- "$BELAY_TASK/rules" "$BELAY_TASK/backwards" "$BELAY_TASK/tuples" "$BELAY_TASK/theirs" "$BELAY_TASK/connections"
`;

export const ufw = { check, capture, set, restore };
