# Signs PERSON in: the node at HERE authorizes, and the one at THERE (PEER), if any, gives the token and takes it; TRUST is the
# file by which their web servers are known. The passwords of the person and, for the token, of CLIENT are the lines of standard
# input. Prints the hash of the token by which the directory knows it, or, last, what was expected and what was found.
set -eu
IFS= read -r person_password
IFS= read -r client_password || [ -z "${PEER-}" ]
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }
ask() { at=$1; shift; curl -sS --max-time 20 --cacert "$TRUST" --resolve "$NAME:443:$at" --config - "$@"; }
wrong() { echo "$1"; exit 0; }
once=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
back=$(printf 'user = "%s:%s"\n' "$(quoted "$PERSON")" "$(quoted "$person_password")" |
  ask "$HERE" -o /dev/null -w '%{http_code} %{redirect_url}' -G "https://$NAME/oxauth/restv1/authorize" --data-urlencode response_type=code \
    --data-urlencode "client_id=$CLIENT" --data-urlencode "redirect_uri=$REDIRECT" --data-urlencode scope=openid \
    --data-urlencode "state=$once" --data-urlencode "nonce=$once" 2>&1) || wrong "authorize at $HERE: expected a code, found $back"
case $back in *[?\&]code=*) ;; *) wrong "authorize at $HERE: expected a code, found $(printf '%s' "$back" | cut -d'?' -f1)" ;; esac
[ -n "${PEER-}" ] || exit 0
code=${back#*[?&]code=}
token=$(printf 'user = "%s:%s"\ndata = "code=%s"\n' "$(quoted "$CLIENT")" "$(quoted "$client_password")" "${code%%&*}" |
  ask "$THERE" -w '\n%{http_code}' "https://$NAME/oxauth/restv1/token" --data grant_type=authorization_code --data-urlencode "redirect_uri=$REDIRECT" 2>&1) || wrong "token on $PEER: expected one, found no answer"
field() { printf '%s' "$token" | tr -d ' \n' | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
access=$(field access_token)
[ -n "$access" ] || wrong "token on $PEER: expected one, found $(printf '%s' "$token" | tail -n 1) $(field error)"
echo "hash $(printf '%s' "$access" | sha256sum | cut -d' ' -f1)"
head=$(field id_token | cut -d. -f1 | tr '_-' '/+')
while [ $((${#head} % 4)) != 0 ]; do head=$head=; done
kid=$(printf '%s' "$head" | base64 -d 2>/dev/null | tr -d ' ' | sed -n 's/.*"kid":"\([^"]*\)".*/\1/p')
ask "$HERE" "https://$NAME/oxauth/restv1/jwks" </dev/null | tr -d ' \n' | grep -qF "\"kid\":\"$kid\"" || wrong "key of the token of $PEER: expected it published at $HERE, found it is not: $kid"
taken=$(printf 'header = "Authorization: Bearer %s"\n' "$access" | ask "$THERE" -o /dev/null -w '%{http_code}' "https://$NAME/oxauth/restv1/userinfo" 2>&1) || true
[ "$taken" = 200 ] || wrong "userinfo on $PEER with that token: expected 200, found $taken"
