# Waits until the node at ADDRESS answers under the public name NAME where it serves (SERVES is true): discovery, and SCIM's
# configuration; asked TRIES times, three seconds apart. ROOT is the container.
set -eu
[ "$SERVES" = true ] || exit 0
for attempt in $(seq "$TRIES"); do
  all=yes
  for path in /.well-known/openid-configuration /identity/restv1/scim-configuration; do
    code=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 20 --cacert "$ROOT/etc/certs/httpd.crt" \
      --resolve "$NAME:443:$ADDRESS" "https://$NAME$path" 2>/dev/null) || true
    [ "$code" = 200 ] || all="$path: $code"
  done
  [ "$all" != yes ] || exit 0
  sleep 3
done
echo "$all" >&2
exit 1
