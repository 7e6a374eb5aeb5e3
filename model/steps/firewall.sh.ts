// cspell:ignore Hltnp Htnp dropbear
import { fileState } from './file-state.sh.js';

/**
 * What the scripts of every firewall have in common. Arguments of check, capture and do: name, and for each rule its
 * action (allow, deny, reject), protocol, port, and sources with commas (or nothing).
 *
 * A rule becomes part of the firewall's own language, so what only the run knew is looked at here once more.
 */
export const firewallState = `${fileState}
name=$1
shift

# Each rule in a line of its own, in the file $rules.
read_rules() {
  rules=$BELAY_TASK/rules
  : >"$rules"
  while [ "$#" -gt 0 ]; do
    case $3 in '' | *[!0-9]*) refuse "a port of the rules is no number" ;; esac
    case $4 in *[!0-9a-fA-F:./,]*) refuse 'a source of the rules is no address' ;; esac
    printf '%s %s %s %s\\n' "$1" "$2" "$3" "\${4:--}" >>"$rules"
    shift 4
  done
}

# An IPv4 address as a number.
number() { old=$IFS; IFS=.; set -- $1; IFS=$old; echo "$((($1 << 24) + ($2 << 16) + ($3 << 8) + $4))"; }

# Whether an address is within a source: yes, no, or maybe where that cannot be told here (IPv6 networks).
within() {
  case $2 in
    - | "$1") echo yes; return ;;
    *:*) case $1 in *:*) echo maybe ;; *) echo no ;; esac; return ;;
  esac
  case $1 in *:*) echo no; return ;; esac
  bits=32
  case $2 in */*) bits=\${2#*/} ;; esac
  mask=$(((0xffffffff << (32 - bits)) & 0xffffffff))
  if [ "$(($(number "$1") & mask))" = "$(($(number "\${2%/*}") & mask))" ]; then echo yes; else echo no; fi
}

# What the rules say of an address and a port: allow, deny, or nothing. In doubt they deny, and do not allow.
verdict() {
  while read -r action protocol port sources; do
    [ "$protocol $port" = "tcp $2" ] || continue
    for one in $(printf '%s' "$sources" | tr , ' '); do
      case "$(within "$1" "$one") $action" in
        'yes allow') echo allow; return ;;
        'yes '* | 'maybe deny' | 'maybe reject') echo deny; return ;;
      esac
    done
  done <"$rules"
}

# Refuses rules that no later packet of a present SSH connection would get through: one of them is Belay's.
keeps_ssh() {
  command -v ss >/dev/null || refuse 'this host has no ss, by which SSH connections could be seen and kept'
  listening=$(ss -Hltnp | sed -n 's/.*[]0-9*]:\\([0-9]*\\) .*"\\(sshd\\|dropbear\\)".*/ \\1 /p' | tr -d '\\n')
  ss -Htnp state established >"$BELAY_TASK/connections"
  while read -r received sent local peer users; do
    # Where systemd listens in sshd's place, the connection itself is still sshd's.
    case "$listening \${local##*:} $users" in
      *" \${local##*:} "*" \${local##*:} "* | *'"sshd'* | *'"dropbear'*) ;;
      *) continue ;;
    esac
    address=\${peer%:*}
    address=\${address#[}
    address=\${address%]}
    address=\${address#::ffff:}
    [ "$(verdict "$address" "\${local##*:}")" != deny ] ||
      refuse "these rules would cut off the SSH connection from $address to port \${local##*:}; allow it first"
  done <"$BELAY_TASK/connections"
}
`;
