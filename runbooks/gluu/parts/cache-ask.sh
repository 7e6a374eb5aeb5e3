# Asks the Redis behind each of PORTS what WORDS say; where there are SENTINELS, the one that the first of them to answer
# names as the master. All of these have one entry a line. Tells the answer once where all give the same, else each with its port.
set -uf
IFS='
'
ports=$PORTS
if [ -n "$SENTINELS" ]; then
  ports=
  for one in $SENTINELS; do
    ports=$(env -u REDISCLI_AUTH timeout 10 redis-cli -p "$one" SENTINEL get-master-addr-by-name gluu 2>/dev/null | sed -n '2p' | grep -x '[0-9]*')
    [ -z "$ports" ] || break
  done
  [ -n "$ports" ] || { echo 'no sentinel names a master' >&2; exit 1; }
fi
code=0
for port in $ports; do
  said=$(timeout 10 redis-cli -p "$port" $WORDS) || code=$?
  printf '%s %s\n' "$port" "$said"
done >"$BELAY_TASK/answers"
cut -d' ' -f2- "$BELAY_TASK/answers" | sort -u >"$BELAY_TASK/different"
if [ "$(wc -l <"$BELAY_TASK/different")" -gt 1 ]; then cat "$BELAY_TASK/answers"; else cat "$BELAY_TASK/different"; fi
exit "$code"
