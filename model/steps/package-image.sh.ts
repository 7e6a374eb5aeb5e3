/**
 * What stands of the packages of a step, as one line: the named ones in full, those that came with them as a number and
 * a digest. Needs `present NAME…`, which prints a line a package, and `$added`, the file that names what came with them.
 *
 * @param between - shell text that says what else is so; after the named packages
 */
export const packageImage = (between = ''): string => `
image() {
  others=''
  [ ! -f "$added" ] || others=$(for one in $(cat "$added"); do
    case " $* " in *" $one "*) ;; *) echo "$one" ;; esac
  done)
  printf 'packages'
  present "$@" | while read -r line; do printf ' %s;' "$line"; done
  [ -z "$others" ] || others=$(present $others)
${between}  [ -z "$others" ] || printf ' and %s more %.16s' "$(printf '%s\\n' "$others" | wc -l)" "$(printf '%s' "$others" | sha256sum)"
  echo
}
`;
