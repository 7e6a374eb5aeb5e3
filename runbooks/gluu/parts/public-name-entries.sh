# Puts the public name NAME where FORMER stands in values of ATTRIBUTES of the entries that FILTER finds. ROOT is the container,
# SERVER and PORT the directory's administration, TRUST how its certificate is trusted; its manager's password is on standard input.
set -eu
umask 077
trap 'rm -f "$BELAY_TASK/entries" "$BELAY_TASK/changes"' EXIT
password=$(cat)
tool() {
  program=$1; shift
  printf '%s' "$password" | chroot "$ROOT" "/opt/opendj/bin/$program" --useSSL --hostname "$SERVER" --port "$PORT" $TRUST \
    --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin "$@"
}
tool ldapsearch --baseDN o=gluu "$FILTER" $ATTRIBUTES >"$BELAY_TASK/entries"
perl "$ROOT/install/community-edition-setup/public-name.pl" <"$BELAY_TASK/entries" >"$BELAY_TASK/changes"
[ ! -s "$BELAY_TASK/changes" ] || tool ldapmodify --filename /dev/fd/3 3<"$BELAY_TASK/changes" >&2
