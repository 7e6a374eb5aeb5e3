import { firewallState } from './firewall.sh.js';

/**
 * With firewalld the rules are a policy of their own, before the zones, in a file of its own. Loading it has
 * firewalld forget what was only told to its present run; where there is such a thing, the step is refused.
 */
const firewalldState = `${firewallState}
policy=belay_$name
folder=/etc/firewalld/policies file=/etc/firewalld/policies/$policy.xml

present() {
  command -v firewall-cmd >/dev/null || refuse 'this host has no firewalld; have a package step install it first'
  [ "$(firewall-cmd --state 2>/dev/null)" = running ] || refuse 'firewalld does not run; its rules would hold nothing'
  [ "\${#policy}" -le 17 ] || refuse "firewalld takes names of at most 11 letters, and $name is longer"
}

live() { firewall-cmd --info-policy="$policy" 2>/dev/null || true; }

image_of_all() {
  set -- "$(live)"
  if [ -n "$1" ]; then set -- "$(printf '%s' "$1" | sha256sum)"; else set -- none; fi
  printf '%s; policy %.16s\\n' "$(image "$file")" "$1"
}

# Prints the file. Rules of a policy are told apart by priority, and stand in its order.
compose() {
  printf '<?xml version="1.0" encoding="utf-8"?>\\n<policy version="1.0" priority="-5" target="CONTINUE">\\n'
  printf '  <short>%s</short>\\n  <ingress-zone name="ANY"/>\\n  <egress-zone name="HOST"/>\\n' "$policy"
  place=-1000
  while read -r action protocol port sources; do
    case $action in allow) verb=accept ;; deny) verb=drop ;; reject) verb=reject ;; esac
    for one in $(printf '%s' "$sources" | tr , ' '); do
      case $one in
        -) family='' from='' ;;
        *:*) family=' family="ipv6"' from="<source address=\\"$one\\"/>" ;;
        *) family=' family="ipv4"' from="<source address=\\"$one\\"/>" ;;
      esac
      printf '  <rule priority="%s"%s>%s<port port="%s" protocol="%s"/><%s/></rule>\\n' "$place" "$family" "$from" "$port" "$protocol" "$verb"
      place=$((place + 1))
    done
  done <"$rules"
  printf '</policy>\\n'
}

# Everything that is told to the present run alone would go with a reload.
kept() {
  for what in --list-all-zones --list-all-policies; do
    [ "$(firewall-cmd "$what" | settled)" = "$(firewall-cmd --permanent "$what" | settled)" ] ||
      refuse 'firewalld has rules or settings that were not made permanent, and would forget them; make them permanent first'
  done
}
# What a reload brings back in any case: which zones have interfaces at present.
settled() { sed 's/ (.*active.*)$//; /^ *interfaces: /d; s/ *$//' | LC_ALL=C sort; }

loaded() {
  if [ -d /run/systemd/system ]; then
    [ "$(systemctl is-enabled firewalld.service 2>/dev/null || true)" = enabled ] ||
      refuse 'firewalld.service does not start with this host; have a service step enable it first'
  else
    for link in /etc/rc[S2345].d/S[0-9][0-9]firewalld; do [ ! -L "$link" ] || return 0; done
    refuse 'nothing starts firewalld when this host starts'
  fi
}

rich() { firewall-cmd "$@" --policy="$policy" --list-rich-rules 2>/dev/null | LC_ALL=C sort; }
`;

const check = `${firewalldState}
present
read_rules "$@"
compose >"$BELAY_TASK/wanted"
no() { echo "$1" >&2; exit 1; }
[ -f "$file" ] && cmp -s "$BELAY_TASK/wanted" "$file" || no "$file is not as it shall be"
[ -n "$(rich)" ] && [ "$(rich)" = "$(rich --permanent)" ] || no "firewalld does not enforce $policy"
`;

const capture = `${firewalldState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  present
  loaded
  [ -d "$folder" ] || refuse "$folder does not exist"
  read_rules "$@"
  keeps_ssh
  kept
  save "$file" file
fi
image_of_all
`;

const set = `${firewalldState}
guard
rm -rf -- "$(stage "$file")"
present
read_rules "$@"
[ "$BELAY_ATTEMPT" != 1 ] || [ "$(image_of_all)" = "$BELAY_PRE_IMAGE" ] || refuse "$policy has changed since it was captured"
keeps_ssh
[ "$BELAY_ATTEMPT" != 1 ] || kept
compose >"$BELAY_TASK/wanted"
plain "$file"
replace "$file" root root 0644 0644 <"$BELAY_TASK/wanted"
firewall-cmd --check-config
firewall-cmd --reload
`;

const restore = `${firewalldState}
restore "$file" file
firewall-cmd --reload
rm -f -- "$BELAY_TASK/wanted" "$BELAY_TASK/rules" "$BELAY_TASK/connections"
`;

export const firewalld = { check, capture, set, restore };
