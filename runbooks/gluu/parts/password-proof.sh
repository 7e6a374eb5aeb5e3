# Whether the node's directory takes the password NEW of the entry DN, and no more OLD. Prints of each "taken", "refused" or "unknown".
# ROOT is the container, FQDN and PORT the directory.
takes() {
  code=0
  "$ROOT/install/community-edition-setup/directory-password.sh" takes "$DN" "$1" || code=$?
  case $code in 0) echo taken ;; 1) echo refused ;; *) echo unknown ;; esac
}
printf 'next: %s\nformer: %s\n' "$(takes NEW)" "$(takes OLD)"
