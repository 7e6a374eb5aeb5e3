# Stops the Redis of this node for some seconds, and proves that the cache at PORT goes on, and uses it again within AGAIN
# seconds and twenty tries.
set -eu
back() { service redis-server start </dev/null >"$BELAY_TASK/start" 2>&1 || true; }
trap back EXIT
# Writes forty keys; how many of them were taken.
written() {
  taken=0 one=0
  while [ "$one" -lt 40 ]; do
    one=$((one + 1))
    [ "$(timeout 5 redis-cli -p "$PORT" SET "belay:proof:$one" "$1" EX 300 2>/dev/null)" != OK ] || taken=$((taken + 1))
  done
  echo "$taken"
}
# Whether so many of forty are taken, within ten tries.
taken() {
  tries=10
  while [ "$(written "$2")" -lt "$1" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 1
  done
}
mine() { redis-cli -p 6379 --scan --pattern 'belay:proof:*' | wc -l; }
taken 40 before || { echo 'the cache does not take all keys, though every Redis should run' >&2; exit 1; }
service redis-server stop </dev/null >"$BELAY_TASK/stop" 2>&1
# Whenever this Redis is asked again and is still away, one or two keys are not taken.
taken 36 away || { echo 'the cache does not go on without this Redis' >&2; exit 1; }
back
redis-cli -p 6379 --scan --pattern 'belay:proof:*' | xargs -r redis-cli -p 6379 DEL >/dev/null
left=$((AGAIN + 20))
until [ "$(mine)" -gt 0 ]; do
  [ "$left" -gt 0 ] || { echo "this Redis is not used again after $((AGAIN + 20)) tries" >&2; exit 1; }
  left=$((left - 1))
  written again >/dev/null
  sleep 1
done
echo "went on, and used again"
