import { fileState } from './file-state.sh.js';

const withOpenssl = `${fileState}
command -v openssl >/dev/null || refuse 'openssl is not installed; have a package step install it first'
`;

/**
 * Arguments: key, certificate, combined (or nothing). Makes the new private key in the pre-image, which only root
 * can read, and a request for the worker to sign; the request holds the public key alone, for the names come from
 * the plan.
 */
export const captureCertificate = `${withOpenssl}
if [ -n "\${BELAY_SAVE:-}" ]; then
  for path in "$1" "$2" \${3:+"$3"}; do
    [ -d "\${path%/*}/" ] || refuse "the folder of $path does not exist"
  done
  save "$1" key
  save "$2" certificate
  [ -z "$3" ] || save "$3" combined
  cd "$BELAY_SAVE"
  printf '[req]\\ndistinguished_name=name\\n[name]\\n' >request.cnf
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out new-key 2>/dev/null ||
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out new-key
  chmod 600 new-key
  openssl req -new -config request.cnf -key new-key -subj /CN=belay -out content
fi
printf '%s; %s' "$(image "$1")" "$(image "$2")"
[ -z "$3" ] || printf '; %s' "$(image "$3")"
echo
`;

/**
 * Arguments: key, certificate, combined (or nothing), owner, group, mode of the key. Standard input: the signed
 * certificate and its chain.
 */
export const installCertificate = `${withOpenssl}
guard
for path in "$1" "$2" \${3:+"$3"}; do rm -rf -- "$(stage "$path")"; plain "$path"; done
now="$(image "$1"); $(image "$2")\${3:+; $(image "$3")}"
[ "$BELAY_ATTEMPT" != 1 ] || [ "$now" = "$BELAY_PRE_IMAGE" ] ||
  refuse "$1, $2\${3:+ or $3} has changed since it was captured"
new_key=$BELAY_PRE/new-key
[ -s "$new_key" ] || refuse 'the private key that was made for this step is gone'
chain=$BELAY_TASK/chain
cat >"$chain"
[ "$(openssl x509 -in "$chain" -pubkey -noout)" = "$(openssl pkey -in "$new_key" -pubout)" ] ||
  refuse 'the signed certificate does not belong to the key of this host'
replace "$1" "$4" "$5" "$6" "$6" <"$new_key"
if [ -n "$3" ]; then
  cat -- "$new_key" "$chain" >"$BELAY_TASK/combined"
  replace "$3" "$4" "$5" "$6" "$6" <"$BELAY_TASK/combined"
fi
replace "$2" "$4" "$5" '' 0644 <"$chain"
rm -f -- "$chain" "$BELAY_TASK/combined"
`;

/**
 * Arguments: key, certificate, combined (or nothing), owner, group, mode of the key, seconds that must be left, and
 * the names. The authority's certificate is in AUTHORITY. Exits with 1, saying why, where a new one is needed.
 */
export const checkCertificate = `${withOpenssl}
key=$1 certificate=$2 combined=$3 owner=$4 group=$5 mode=$6 left=$7
shift 7
anew() { printf '%s\\n' "$1" >&2; exit 1; }
for path in "$key" "$certificate" \${combined:+"$combined"}; do
  plain "$path"
  [ -f "$path" ] || anew "$path does not exist"
done
dressed "$key" "$owner" "$group" "$mode" || anew "$key has another owner, group or mode"
dressed "$certificate" "$owner" "$group" '' || anew "$certificate has another owner or group"
[ -z "$combined" ] || dressed "$combined" "$owner" "$group" "$mode" || anew "$combined has another owner, group or mode"

no_store=''
case $(openssl verify -help 2>&1) in *-no-CAstore*) no_store=-no-CAstore ;; esac
printf '%s\\n' "$AUTHORITY" |
  openssl verify -no-CApath $no_store -partial_chain -CAfile /dev/stdin "$certificate" >/dev/null 2>&1 ||
  anew "$certificate is not issued by this authority, or not valid now"
openssl x509 -in "$certificate" -noout -checkend "$left" >/dev/null || anew "$certificate ends soon"
public=$(openssl pkey -in "$key" -pubout 2>/dev/null) && [ "$(openssl x509 -in "$certificate" -noout -pubkey)" = "$public" ] ||
  anew "$key is not the key of $certificate"
[ -z "$combined" ] || [ "$(cat "$key" "$certificate" | sha256sum)" = "$(sha256sum <"$combined")" ] ||
  anew "$combined is not $key followed by $certificate"

there=$(openssl x509 -in "$certificate" -noout -ext subjectAltName 2>/dev/null | sed 1d | tr ',A-Z' '\\na-z' |
  sed 's/^ *//; s/^dns://; s/^ip address://' | sort -u)
wanted=$(for name in "$@"; do printf '%s\\n' "$name"; done | tr 'A-Z' 'a-z' | sort -u)
[ "$there" = "$wanted" ] || anew "$certificate is for other names"
`;

/** Arguments: key, certificate, combined (or nothing). */
export const restoreCertificate = `${fileState}
restore "$2" certificate
[ -z "$3" ] || restore "$3" combined
restore "$1" key
rm -f -- "$BELAY_PRE/new-key" "$BELAY_TASK/chain" "$BELAY_TASK/combined"
`;
