# Has nginx work by a changed configuration, and waits until it does. What becomes of gluu-proposed.conf, as CHANGE says:
#   out   nginx works by it, but gives the node NAME at ADDRESS no requests; it stays as it is
#   back  nginx works by it as it is
#   know  it has the node, like the last one in it, or where PRESENT is not true has it no more; nginx works by that
set -eu
cd /etc/nginx
case $CHANGE in
  out)
    awk -v server="$ADDRESS:443" -v mark="$NAME $ADDRESS" '
      $1 == "server" && $2 == server && !/ down;$/ { sub(/;$/, " down;") }
      /^ *return 200 "/ && (at = index($0, mark ";")) { $0 = substr($0, 1, at - 1) mark " drained" substr($0, at + length(mark)) }
      { print }' gluu-proposed.conf >gluu-next.conf
    ;;
  back) cp gluu-proposed.conf gluu-next.conf ;;
  know)
    awk -v server="$ADDRESS:443" -v entry="$NAME $ADDRESS" -v present="$PRESENT" '
      $1 == "server" && $2 ~ /:443$/ { if ($2 == server) next; last = $0; print; next }
      last != "" {
        if (present == "true") { line = last; sub(/ down;$/, ";", line); sub(/server [^ ]+/, "server " server, line); print line }
        last = ""
      }
      $1 == "return" && index($0, "return 200 \"") {
        from = index($0, "\""); text = substr($0, from + 1); sub(/;";$/, "", text)
        count = split(text, part, /; */); text = ""
        for (one = 1; one <= count; one++) if (part[one] != entry && part[one] != entry " drained") text = text part[one] "; "
        if (present == "true") text = text entry "; "
        sub(/ $/, "", text)
        print substr($0, 1, from) text "\";"; next
      }
      { print }' gluu-proposed.conf >gluu-next.conf
    ;;
  *) echo "no change is called $CHANGE" >&2; exit 1 ;;
esac
[ "$CHANGE" = back ] || awk '$1 == "server" && $2 ~ /:443$/ && !/ down;$/ { left = 1 } END { exit !left }' gluu-next.conf ||
  { echo 'no other node takes requests' >&2; exit 1; }
nginx -t -q -c /etc/nginx/gluu-next.conf
cp gluu-next.conf nginx.conf.new
if [ "$CHANGE" = know ]; then mv -f gluu-next.conf gluu-proposed.conf; else rm -f gluu-next.conf; fi
mv -f nginx.conf.new nginx.conf
master=$(cat /run/nginx.pid)
before=$(pgrep -P "$master")
nginx -s reload
# What nginx reads is in use when every worker of before has been told to end.
for attempt in $(seq 100); do
  told=yes
  for one in $before; do
    [ ! -e "/proc/$one/cmdline" ] || tr '\0' ' ' <"/proc/$one/cmdline" | grep -q 'shutting down\|^ *$' || told=no
  done
  [ "$told" = no ] || exit 0
  sleep 0.1
done
echo 'nginx goes on with its workers of before; see /var/log/nginx/error.log' >&2
exit 1
