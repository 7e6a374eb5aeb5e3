import { firewallState } from './firewall.sh.js';

/**
 * With nftables the rules are a table of their own, whose chain stands before those of others. It is in a file that
 * the host's own configuration includes, so it is there again after a restart.
 */
const nftablesState = `${firewallState}
table=belay_$name
folder=/etc/nftables.d file=/etc/nftables.d/$table.nft
if [ -f /etc/sysconfig/nftables.conf ]; then configuration=/etc/sysconfig/nftables.conf; else configuration=/etc/nftables.conf; fi
include="include \\"$file\\""

present() {
  command -v nft >/dev/null || refuse 'this host has no nft; have a package step install nftables first'
  [ -f "$configuration" ] || refuse "$configuration does not exist"
}

live() { nft -s list table inet "$table" 2>/dev/null || true; }

image_of_all() {
  set -- "$(live)"
  if [ -n "$1" ]; then set -- "$(printf '%s' "$1" | sha256sum)"; else set -- none; fi
  printf '%s; %s; ' "$(image "$configuration")" "$(image "$file")"
  if [ -d "$folder" ]; then printf 'folder; '; fi
  printf 'table %.16s\\n' "$1"
}

# Prints the file: one transaction that replaces the table.
compose() {
  printf '# Written by Belay: %s\\nadd table inet %s\\ndelete table inet %s\\ntable inet %s {\\n\\tchain input {\\n' "$name" "$table" "$table" "$table"
  printf '\\t\\ttype filter hook input priority -5; policy accept;\\n\\t\\tiif "lo" accept\\n\\t\\tct state established,related accept\\n'
  while read -r action protocol port sources; do
    case $action in allow) verb=accept ;; deny) verb=drop ;; reject) verb=reject ;; esac
    case $sources in -) printf '\\t\\t%s dport %s %s\\n' "$protocol" "$port" "$verb"; continue ;; esac
    for one in $(printf '%s' "$sources" | tr , ' '); do
      case $one in *:*) family=ip6 ;; *) family=ip ;; esac
      printf '\\t\\t%s saddr %s %s dport %s %s\\n' "$family" "$one" "$protocol" "$port" "$verb"
    done
  done <"$rules"
  printf '\\t}\\n}\\n'
}

# What nft would show of it, from a network of no one.
shown() { unshare -n sh -c 'nft -f "$1" && nft -s list table inet "$2"' sh "$1" "$table"; }

# Another table that drops what it does not name drops what this one lets pass.
passes() {
  ! grep -q '^allow ' "$rules" ||
    ! nft list chains | grep -q 'hook input .*policy drop' ||
    refuse 'another table drops what its own rules do not name, so what these rules allow would not get through; allow it there'
}

# Whether something loads the configuration when the host starts.
loaded() {
  if [ -d /run/systemd/system ]; then
    [ "$(systemctl is-enabled nftables.service 2>/dev/null || true)" = enabled ] ||
      refuse 'nftables.service does not start with this host; have a service step enable it first'
  else
    for link in /etc/rc[S2345].d/S[0-9][0-9]nftables; do [ ! -L "$link" ] || return 0; done
    refuse "nothing loads $configuration when this host starts"
  fi
}
`;

const check = `${nftablesState}
present
read_rules "$@"
compose >"$BELAY_TASK/wanted"
no() { echo "$1" >&2; exit 1; }
[ -f "$file" ] && cmp -s "$BELAY_TASK/wanted" "$file" || no "$file is not as it shall be"
grep -Fqx -e "$include" "$configuration" || no "$configuration does not include $file"
[ "$(live)" = "$(shown "$BELAY_TASK/wanted")" ] || no "the table $table is not as it shall be"
`;

const capture = `${nftablesState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  present
  loaded
  read_rules "$@"
  keeps_ssh
  passes
  save "$configuration" configuration
  save "$file" file
  [ ! -d "$folder" ] || : >"$BELAY_SAVE/folder"
  live >"$BELAY_SAVE/table"
fi
image_of_all
`;

const set = `${nftablesState}
guard
present
read_rules "$@"
[ ! -d "$folder" ] || rm -rf -- "$(stage "$file")"
rm -rf -- "$(stage "$configuration")"
[ "$BELAY_ATTEMPT" != 1 ] || [ "$(image_of_all)" = "$BELAY_PRE_IMAGE" ] || refuse "$configuration or $table has changed since it was captured"
keeps_ssh
passes
compose >"$BELAY_TASK/wanted"
shown "$BELAY_TASK/wanted" >/dev/null || refuse 'nft does not take these rules'
plain "$configuration"
plain "$file"
[ -d "$folder" ] || { mkdir -m 0755 -- "$folder"; moved=1; }
replace "$file" root root 0644 0644 <"$BELAY_TASK/wanted"
if ! grep -Fqx -e "$include" "$configuration"; then
  cp -- "$configuration" "$BELAY_TASK/configuration"
  [ -z "$(tail -c 1 -- "$configuration")" ] || echo >>"$BELAY_TASK/configuration"
  printf '%s\\n' "$include" >>"$BELAY_TASK/configuration"
  replace "$configuration" '' '' '' 0644 <"$BELAY_TASK/configuration"
fi
nft -f "$file"
rm -f -- "$BELAY_TASK/configuration"
`;

const restore = `${nftablesState}
if [ -s "$BELAY_PRE/table" ]; then
  { printf 'add table inet %s\\ndelete table inet %s\\n' "$table" "$table"; cat "$BELAY_PRE/table"; } | nft -f -
elif [ -n "$(live)" ]; then nft delete table inet "$table"
fi
restore "$configuration" configuration
if [ -d "$folder" ]; then
  restore "$file" file
  [ -e "$BELAY_PRE/folder" ] || rmdir -- "$folder" 2>/dev/null || { echo "$folder holds what other hands have put there; it stays" >&2; exit 1; }
fi
rm -f -- "$BELAY_TASK/wanted" "$BELAY_TASK/rules" "$BELAY_TASK/connections"
`;

export const nftables = { check, capture, set, restore };
