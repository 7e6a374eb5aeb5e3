# Deletes entries of CLASSES whose time was over BEFORE, those that have nothing below them first, BATCH at a time with PAUSE
# seconds in between, until none is left or no more go. The directory manager's password is on standard input.
set -eu
export OPENDJ_JAVA_HOME=/opt/jre
password=$(cat)
work=$BELAY_TASK/work
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
filter=
for class in $CLASSES; do filter="$filter(objectClass=$class)"; done
filter="(&(|$filter)(oxAuthExpiration<=$BEFORE)(!(del=false)))"
config=/opt/opendj/config
directory() {
  tool=$1; shift
  chroot "$ROOT" "/opt/opendj/bin/$tool" --useSSL --trustStorePath $config/cluster.p12 --trustStorePasswordFile $config/cluster.pin \
    --hostname "$FQDN" --port "$PORT" --bindDN 'cn=directory manager' --bindPasswordFile /dev/fd/3 "$@" 3<<PASSWORD
$password
PASSWORD
}
last=
while :; do
  directory ldapsearch --baseDN o=gluu "$filter" 1.1 >"$work/ldif"
  # Each name on one line, longest names first: what lies below others goes before them.
  awk '/^ / { line = line substr($0, 2); next } { if (line ~ /^dn:/) print line; line = $0 } END { if (line ~ /^dn:/) print line }' "$work/ldif" |
    awk -F, '{ print NF "\t" $0 }' | sort -k1,1nr -k2 | cut -f2- >"$work/found"
  left=$(wc -l <"$work/found")
  echo "$left left"
  [ "$left" -gt 0 ] && [ "$left" != "$last" ] || break
  last=$left
  split -l "$BATCH" "$work/found" "$work/batch."
  : >"$work/said"
  for batch in "$work"/batch.*; do
    awk '{ print $0 "\nchangetype: delete\n" }' "$batch" >"$work/changes"
    # Not all versions of ldapdelete read files; this one does. What has others below it is refused, and comes again.
    directory ldapmodify --continueOnError --filename /dev/fd/4 4<"$work/changes" >/dev/null 2>>"$work/said" || true
    rm -f "$batch"
    sleep "$PAUSE"
  done
done
[ "$left" -eq 0 ] || tail -n 5 "$work/said" >&2
