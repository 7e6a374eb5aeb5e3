/**
 * Shell functions that name, save, replace and restore a file. They are put in front of the scripts of every kind
 * that owns files, so that all of them mean the same by "as it was": bytes, mode, owner, extended attributes.
 *
 * A new file is made in a folder of ours beside the old one (same file system, mode 0700, entered once, so that
 * whoever owns the outer folder cannot slip a link in) and renamed over it.
 */
export const refusal = 93;

export const fileState = `set -eu
# Says why on standard error; nothing has happened yet.
refuse() { printf '%s\\n' "$1" >&2; exit ${refusal}; }

digest() { set -- "$(sha256sum <"$1")"; printf '%s' "\${1%% *}"; }

# Access lists, capabilities and other extended attributes, as a digest of what tar would keep; "-" where tar cannot.
extended() {
  set -- "$(tar --create --no-recursion --format=posix --pax-option=delete=atime,delete=ctime,exthdr.name=x \\
    --numeric-owner --mtime=@0 --xattrs --xattrs-include='*' --acls --directory="\${1%/*}/" -- "./\${1##*/}" \\
    2>/dev/null | sha256sum)"
  printf '%.16s' "$1"
}

# One line that names what is at a path now. Equal lines mean equal states.
image() {
  if [ -L "$1" ]; then state="link $(readlink -- "$1" | sha256sum | cut -c 1-64)"
  elif [ -d "$1" ]; then state="folder $(stat -c '%a %u:%g' -- "$1") $(extended "$1")"
  elif [ -f "$1" ]; then state="file $(digest "$1") $(stat -c '%a %u:%g' -- "$1") $(extended "$1")"
  elif [ -e "$1" ]; then state=special
  else state=absent
  fi
  [ ! -e "$(stage "$1")" ] || state="$state unfinished"
  printf '%s' "$state"
}

# Refuses what must not be replaced: links would be followed or lost, names of one file would part.
plain() {
  [ ! -L "$1" ] || refuse "$1 is a symbolic link to $(readlink -- "$1"); name the file itself"
  [ ! -d "$1" ] || refuse "$1 is a folder"
  [ ! -e "$1" ] || [ -f "$1" ] || refuse "$1 is neither a file nor a folder"
  [ ! -f "$1" ] || [ "$(stat -c %h -- "$1")" = 1 ] || refuse "$1 has other names (hard links), which replacing would part from it"
}

# Whether owner, group (names or numbers) and mode are as asked; what is not asked for is not looked at.
dressed() {
  set -- "$2" "$3" "$4" $(stat -c '%U %G %a %u %g' -- "$1")
  [ -z "$1" ] || [ "$1" = "$4" ] || [ "$1" = "$7" ] || return 1
  [ -z "$2" ] || [ "$2" = "$5" ] || [ "$2" = "$8" ] || return 1
  [ -z "$3" ] || [ "$((0$3))" = "$((0$6))" ]
}

# A folder of ours beside the file, named after the task.
stage() { printf '%s/.belay-%s' "\${1%/*}" "\${BELAY_TASK##*/}"; }

open_stage() {
  staged=$(stage "$1")
  rm -rf -- "$staged"
  mkdir -m 0700 -- "$staged" && cd -P -- "$staged" && [ -O . ]
}

close_stage() { cd / && rm -rf -- "$staged"; }

# Makes a change that has reached the disk's cache outlast a power cut.
flush() { sync -- "$1" 2>/dev/null || sync; }

# Until a first rename, every failure is a refusal: what was staged goes away and nothing has happened.
guard() {
  moved='' staged=''
  trap 'code=$?; [ -z "$staged" ] || close_stage; [ "$code" = 0 ] || [ -n "$moved" ] || exit ${refusal}' EXIT
}

# replace PATH OWNER GROUP MODE MODE-IF-NEW [SHA256] <CONTENT: what is not given stays as it is.
replace() {
  open_stage "$1"
  if [ -f "$1" ]; then cp -a -- "$1" new; else : >new && chmod -- "$5" new; fi
  set -- "$1" "$2" "$3" "\${4:-$(stat -c %a new)}" "$5" "\${6:-}"
  chmod 600 new
  cat >new
  [ -z "$6" ] || [ "$(digest ./new)" = "$6" ] || refuse "$1: its content did not arrive whole"
  [ -z "$2" ] || chown -- "$2" new
  [ -z "$3" ] || chgrp -- "$3" new
  chmod -- "$4" new
  flush new
  mv -fT -- new "$1"
  moved=1
  close_stage
  flush "\${1%/*}/"
}

# Keeps a file with its attributes under a name in the pre-image, as long as nobody writes to it meanwhile.
save() {
  plain "$1"
  [ -f "$1" ] || return 0
  cp -a -- "$1" "$BELAY_SAVE/$2"
  [ "$(digest "$1")" = "$(digest "$BELAY_SAVE/$2")" ] || refuse "$1 is being written to"
}

# Puts back what was saved under a name, or the absence of the file.
restore() {
  open_stage "$1" || true
  if [ -f "$BELAY_PRE/$2" ]; then
    cp -a -- "$BELAY_PRE/$2" new
    flush new
    mv -fT -- new "$1"
  else rm -f -- "$1"
  fi
  close_stage
  [ ! -d "\${1%/*}/" ] || flush "\${1%/*}/"
}
`;

/** Arguments: path, and \`exists\` where it must be there. */
export const captureFile = `${fileState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  [ "$2" != exists ] || [ -e "$1" ] || refuse "$1 does not exist"
  [ -d "\${1%/*}/" ] || refuse "the folder of $1 does not exist"
  save "$1" content
fi
image "$1"
echo
`;

/** Argument: path. Prints the file, for showing what would change; exits with 44 where there is none. */
export const showFile = `${fileState}
plain "$1"
[ -f "$1" ] || exit 44
cat -- "$1"
`;

/** Arguments: path, owner, group, mode, mode of a new file. Standard input: the content. */
export const replaceFile = `${fileState}
guard
rm -rf -- "$(stage "$1")"
plain "$1"
[ "$(image "$1")" = "$BELAY_PRE_IMAGE" ] || { [ -f "$1" ] && [ "$(digest "$1")" = "$BELAY_STDIN_SHA256" ]; } ||
  refuse "$1 has changed since it was captured"
replace "$1" "$2" "$3" "$4" "$5" "$BELAY_STDIN_SHA256"
`;

/** Arguments: path, owner, group, mode. Compares with the content that \`do\` reads. */
export const checkFile = `${fileState}
plain "$1"
[ -f "$1" ] || { echo "$1 does not exist" >&2; exit 1; }
[ "$(digest "$1")" = "$BELAY_STDIN_SHA256" ] || { echo "$1 has another content" >&2; exit 1; }
dressed "$1" "$2" "$3" "$4" || { echo "$1 has another owner, group or mode" >&2; exit 1; }
`;

/** Argument: path. */
export const restoreFile = `${fileState}
restore "$1" content
`;

/** As {@link replaceFile}, with what was carried from another host; whose sum is kept for reading it back. */
export const placeCarried = `${fileState}
guard
rm -rf -- "$(stage "$1")"
plain "$1"
[ -f "$BELAY_TASK/carried" ] || refuse 'nothing was carried to this host'
[ "$(image "$1")" = "$BELAY_PRE_IMAGE" ] || { [ -f "$1" ] && [ "$(digest "$1")" = "$BELAY_STDIN_SHA256" ]; } ||
  refuse "$1 has changed since it was captured"
printf '%s\\n' "$BELAY_STDIN_SHA256" >"$BELAY_TASK/carried.sum"
replace "$1" "$2" "$3" "$4" "$5" "$BELAY_STDIN_SHA256" <"$BELAY_TASK/carried"
rm -f -- "$BELAY_TASK/carried"
`;

/** Arguments: path, owner, group, mode. Compares with what was carried, whatever its source has become since. */
export const verifyCarried = `${fileState}
plain "$1"
[ -f "$1" ] || { echo "$1 does not exist" >&2; exit 1; }
IFS= read -r sum <"$BELAY_TASK/carried.sum"
[ "$(digest "$1")" = "$sum" ] || { echo "$1 has another content than was carried" >&2; exit 1; }
dressed "$1" "$2" "$3" "$4" || { echo "$1 has another owner, group or mode" >&2; exit 1; }
`;
