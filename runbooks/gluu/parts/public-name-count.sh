# Prints how many values of ATTRIBUTES, of the entries that FILTER finds, bear the names FORMER and NAME. ROOT is the container,
# SERVER and PORT the directory's administration, TRUST how its certificate is trusted; its manager's password is on standard input.
set -eu
password=$(cat)
search() {
  printf '%s' "$password" | chroot "$ROOT" /opt/opendj/bin/ldapsearch --useSSL --hostname "$SERVER" --port "$PORT" $TRUST \
    --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin --baseDN o=gluu "$FILTER" $ATTRIBUTES
}
entries=$(search)
count() { printf '%s\n' "$entries" | perl "$ROOT/install/community-edition-setup/public-name.pl" | grep -c '^add: ' || true; }
printf 'former=%s\n' "$(count)"
printf 'name=%s\n' "$(FORMER=$NAME NAME=none.invalid count)"
