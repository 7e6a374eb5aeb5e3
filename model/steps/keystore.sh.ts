// cspell:ignore Duser Xshare
import { fileState, refusal } from './file-state.sh.js';

/**
 * Entries are compared by the SHA-256 fingerprint of their (first) certificate. keytool reads the password from its
 * environment, which only root and the same user can read; it is in no argument and in no file.
 *
 * Arguments of check and do: keystore, keytool, type, owner, group, mode, and for each entry what it is (trusted,
 * key, absent), its alias, key file and certificate file. In the environment: PASSWORD, and CERTIFICATE_1 and so on,
 * by the number of the entry.
 */
const keystoreState = `${fileState}
export PASSWORD

tool() {
  "$keytool" "$@" -J-Duser.language=en -J-Duser.country=US -J-Xshare:auto -J-XX:TieredStopAtLevel=1 \\
    -keystore "$store" -storetype "$type" -storepass:env PASSWORD
}

# "alias kind FINGERPRINT" of each entry of a keystore, fingerprints in lower case without colons.
entries() {
  tool -list -v >"$work/list" 2>"$work/why" || {
    [ -s "$work/why" ] || sed -n 's/^keytool error: //p' "$work/list" >"$work/why"
    refuse "keytool cannot read $file: $(head -n 3 "$work/why")"
  }
  while IFS= read -r line; do
    case $line in
      'Alias name: '*) alias=\${line#Alias name: } kind='' ;;
      'Entry type: '*) kind=\${line#Entry type: } ;;
      *SHA256:*)
        [ -n "$kind" ] || continue
        printf '%s %s %s\\n' "$alias" "$kind" "$(printf '%s' "\${line##*SHA256: }" | tr -d ': \\r' | tr A-F a-f)"
        kind='' ;;
    esac
  done <"$work/list"
}

# The fingerprint of the first certificate in PEM on standard input.
fingerprint() {
  set -- "$(sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' |
    sed -n '1d; /^-----END/q; p' | tr -d ' \\r\\n' | base64 -d 2>/dev/null | sha256sum)"
  printf '%s' "\${1%% *}"
}
nothing=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

begin() {
  file=$1 keytool=$2 type=$3 owner=$4 group=$5 mode=$6 number=0
  [ -x "$keytool" ] || refuse "$keytool is no program of this host; have a package step install a Java first"
  work=$BELAY_TASK/keystore
  rm -rf -- "$work"
  mkdir -m 0700 -- "$work"
}

# What an entry must be: its PEM for one to trust, and the fingerprint.
wanted() {
  number=$((number + 1))
  case $1 in
    trusted)
      eval "pem=\\\${CERTIFICATE_$number}"
      print=$(printf '%s\\n' "$pem" | fingerprint)
      [ "$print" != $nothing ] || refuse "what $2 shall trust is no certificate in PEM" ;;
    key)
      [ -r "$3" ] && [ -r "$4" ] || refuse "$3 or $4 cannot be read"
      print=$(fingerprint <"$4")
      [ "$print" != $nothing ] || refuse "$4 holds no certificate in PEM" ;;
  esac
}

# Whether the list of entries has one of that alias, and of that kind where one is given.
has() { grep -q -e "^$(printf '%s' "$1" | sed 's/\\./\\\\./g') \${2:-[A-Za-z]*Entry} " "$work/entries"; }

# Whether the list of entries has one as it is wanted.
holds() {
  case $1 in
    trusted) grep -Fqx -e "$2 trustedCertEntry $print" "$work/entries" ;;
    key) grep -Fqx -e "$2 PrivateKeyEntry $print" "$work/entries" ;;
    absent) ! has "$2" ;;
  esac
}
`;

/** Argument: keystore. A keystore is its bytes. */
export const captureKeystore = `${fileState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  [ -d "\${1%/*}/" ] || refuse "the folder of $1 does not exist"
  save "$1" keystore
fi
image "$1"
echo
`;

export const checkKeystore = `${keystoreState}
begin "$@"
trap 'rm -rf -- "$work"' EXIT
plain "$file"
[ -f "$file" ] || { echo "$file does not exist" >&2; exit 1; }
dressed "$file" "$owner" "$group" "$mode" || { echo "$file has another owner, group or mode" >&2; exit 1; }
store=$file
entries >"$work/entries"
shift 6
while [ "$#" -gt 0 ]; do
  wanted "$1" "$2" "$3" "$4"
  holds "$1" "$2" || { echo "$2 is not in $file as it shall be" >&2; exit 1; }
  shift 4
done
`;

/**
 * Removes an entry. With a key of a PKCS12 store, keytool also forgets certificates that the store trusts where the
 * key's chain ends in one of them; those are put back.
 */
const dropEntry = `
drop() {
  cp -- "$store" "$work/was"
  entries >"$work/had"
  tool -delete -noprompt -alias "$1" >"$work/said" 2>&1 || refuse "keytool: $(head -n 3 "$work/said")"
  entries >"$work/left"
  while IFS= read -r entry; do
    trusted=\${entry%% trustedCertEntry *}
    [ "$trusted" != "$entry" ] && [ "$trusted" != "$1" ] && ! grep -Fqx -e "$entry" "$work/left" || continue
    (store=$work/was && tool -exportcert -rfc -alias "$trusted") </dev/null >"$work/again" 2>"$work/said" &&
      tool -importcert -noprompt -trustcacerts -alias "$trusted" -file "$work/again" </dev/null >"$work/said" 2>&1 ||
      refuse "keytool: $(head -n 3 "$work/said")"
  done <"$work/had"
}
`;

/** Changes a copy, and puts it in the place of the keystore in one rename: only entries that differ are touched. */
export const setKeystore = `${keystoreState}${dropEntry}
guard
begin "$@"
trap 'code=$?; rm -rf -- "$work"; [ -z "$staged" ] || close_stage; [ "$code" = 0 ] || [ -n "$moved" ] || exit ${refusal}' EXIT
rm -rf -- "$(stage "$file")"
plain "$file"
now=$(image "$file")
[ "$BELAY_ATTEMPT" != 1 ] || [ "$now" = "$BELAY_PRE_IMAGE" ] || refuse "$file has changed since it was captured"
store=$work/store
: >"$work/entries"
if [ -f "$file" ]; then
  cp -- "$file" "$store"
  entries >"$work/entries"
fi
shift 6
while [ "$#" -gt 0 ]; do
  wanted "$1" "$2" "$3" "$4"
  if ! holds "$1" "$2"; then
    [ "$1" != trusted ] || ! has "$2" PrivateKeyEntry ||
      refuse "$2 holds a private key; a certificate takes its place only where the step removes it first (absent)"
    # A key takes the place of another by itself.
    ! has "$2" || { [ "$1" = key ] && has "$2" PrivateKeyEntry; } || drop "$2"
    case $1 in
      trusted)
        printf '%s\\n' "$pem" >"$work/pem"
        tool -importcert -noprompt -trustcacerts -alias "$2" -file "$work/pem" >"$work/said" 2>&1 || refuse "keytool: $(head -n 3 "$work/said")" ;;
      key)
        command -v openssl >/dev/null || refuse 'openssl is not installed; have a package step install it first'
        openssl pkcs12 -export -inkey "$3" -in "$4" -name "$2" -passout env:PASSWORD -out "$work/p12" 2>"$work/said" ||
          refuse "openssl: $(head -n 3 "$work/said")"
        "$keytool" -importkeystore -noprompt -J-Duser.language=en -srckeystore "$work/p12" -srcstoretype PKCS12 -srcstorepass:env PASSWORD \\
          -destkeystore "$store" -deststoretype "$type" -deststorepass:env PASSWORD -destkeypass:env PASSWORD \\
          -srcalias "$2" -destalias "$2" >"$work/said" 2>&1 || refuse "keytool: $(head -n 3 "$work/said")" ;;
    esac
  fi
  shift 4
done
[ -f "$store" ] || refuse "nothing was to be put into $file, and it is not there"
[ "$(image "$file")" = "$now" ] || refuse "$file has changed meanwhile"
replace "$file" "$owner" "$group" "$mode" 0600 <"$store"
`;

/** Argument: keystore. */
export const restoreKeystore = `${fileState}
rm -rf -- "$BELAY_TASK/keystore"
restore "$1" keystore
`;
