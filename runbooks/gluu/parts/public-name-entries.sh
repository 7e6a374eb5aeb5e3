# Puts the public name NAME where FORMER stands in values of ATTRIBUTES of the entries that FILTER finds. ROOT is the container,
# SERVER and PORT the directory's administration, TRUST how its certificate is trusted; its manager's password is on standard input.
# Settings of applications hold passwords: no entry is kept in a file.
set -eu
password=$(cat)
tool() {
  program=$1; shift
  printf '%s' "$password" | chroot "$ROOT" "/opt/opendj/bin/$program" --useSSL --hostname "$SERVER" --port "$PORT" $TRUST \
    --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin "$@"
}
entries=$(tool ldapsearch --baseDN o=gluu "$FILTER" $ATTRIBUTES)
changes=$(printf '%s\n' "$entries" | perl "$ROOT/install/community-edition-setup/public-name.pl")
[ -z "$changes" ] || tool ldapmodify --filename /dev/fd/3 3<<CHANGES >&2
$changes
CHANGES
