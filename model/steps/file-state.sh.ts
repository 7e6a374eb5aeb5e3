/**
 * Shell functions that name, save, replace and restore a file. They are put in front of the scripts of every kind
 * that owns files, so that all of them mean the same by "as it was": bytes, mode, owner, extended attributes.
 *
 * A new file is made in a folder of ours beside the old one (same file system, mode 0700, entered once, so that
 * whoever owns the outer folder cannot slip a link in) and renamed over it.
 */
export const refusal = 93;

/** Each function, and the other ones that it calls. Programs cost more than what they read, so they are counted. */
const functions = {
  refuse: {
    calls: [],
    text: `
# Says why on standard error; nothing has happened yet.
refuse() { printf '%s\\n' "$1" >&2; exit ${refusal}; }`,
  },
  digest: {
    calls: [],
    text: `
# Sets $its_sum, of the content of a file.
sum_up() {
  its_sum=$(sha256sum <"$1")
  its_sum=\${its_sum%% *}
}
digest() { sum_up "$1"; printf '%s' "$its_sum"; }`,
  },
  facts: {
    calls: ['refuse'],
    text: `
# Sets $its_links, $its_access, $its_ids, $its_user and $its_group of a path, and $its_mark: another one after every
# change to it. A mark that is younger than two seconds is none, since a clock may tick too seldom to tell the next
# change by it.
facts() {
  its_path=$1
  set -- $(stat -c '%h %a %u:%g %U %G %d:%i:%.9Z' -- "$1" "\${BELAY_TASK:-/}")
  [ $# = 12 ] || refuse "$its_path cannot be looked at"
  its_links=$1 its_access=$2 its_ids=$3 its_user=$4 its_group=$5 its_mark=$6
  set -- "\${6##*:}" "\${12##*:}"
  set -- "\${1%.*}" "\${2%.*}"
  case $1$2 in *[!0-9]*) its_mark='' ;; *) [ "$(($1 + 2))" -le "$2" ] || its_mark='' ;; esac
}`,
  },
  sums: {
    calls: ['refuse'],
    text: `
# Sets $its_digest, of the content of a file, and $its_extended: access lists, capabilities and other extended
# attributes, as a digest of what tar would keep. They come before the content, which is not
# read twice.
sums() {
  summed=$1
  set -- $(tar --create --no-recursion --format=posix --pax-option=delete=atime,delete=ctime,exthdr.name=x \\
    --numeric-owner --mtime=@0 --xattrs --xattrs-include='*' --acls --directory="\${1%/*}/" -- "./\${1##*/}" \\
    2>/dev/null | head -c 131072 | sha256sum - /proc/self/fd/3 3<"$1")
  [ $# = 4 ] || refuse "$summed cannot be read"
  its_digest=$3 its_extended=\${1%"\${1#????????????????}"}
}`,
  },
  file_image: {
    calls: ['sums'],
    text: `
# Sets $state of a file whose facts are known.
file_image() {
  sums "$1"
  state="file $its_digest $its_access $its_ids $its_extended"
}`,
  },
  half_done: {
    calls: ['stage'],
    text: `
# Adds to $state what we have staged there and not finished.
half_done() {
  stage_of "$1"
  [ ! -e "$its_stage" ] || state="$state unfinished"
}`,
  },
  image: {
    calls: ['facts', 'file_image', 'half_done'],
    text: `
# Sets $state, one line that names what is at a path now. Equal lines mean equal states.
state_of() {
  if [ -L "$1" ]; then state="link $(readlink -- "$1" | sha256sum | cut -c 1-64)"
  elif [ -d "$1" ]; then
    set -- "$1" "$(tar --create --no-recursion --format=posix --pax-option=delete=atime,delete=ctime,exthdr.name=x \\
      --numeric-owner --mtime=@0 --xattrs --xattrs-include='*' --acls --directory="\${1%/*}/" -- "./\${1##*/}" \\
      2>/dev/null | sha256sum)"
    state="folder $(stat -c '%a %u:%g' -- "$1") \${2%"\${2#????????????????}"}"
  elif [ -f "$1" ]; then facts "$1"; file_image "$1"
  elif [ -e "$1" ]; then state=special
  else state=absent
  fi
  half_done "$1"
}
image() { state_of "$1"; printf '%s' "$state"; }`,
  },
  plain: {
    calls: ['refuse', 'facts'],
    text: `
# Refuses what must not be replaced: links would be followed or lost, names of one file would part. Of a file it leaves
# the facts, of nothing no $its_links.
plain() {
  its_links=''
  [ ! -L "$1" ] || refuse "$1 is a symbolic link to $(readlink -- "$1"); name the file itself"
  [ ! -d "$1" ] || refuse "$1 is a folder"
  [ -e "$1" ] || return 0
  [ -f "$1" ] || refuse "$1 is neither a file nor a folder"
  facts "$1"
  [ "$its_links" = 1 ] || refuse "$1 has other names (hard links), which replacing would part from it"
}`,
  },
  dressed: {
    calls: ['facts'],
    text: `
# Whether owner, group (names or numbers) and mode are as asked; what is not asked for is not looked at.
dressed_as() {
  [ -z "$1" ] || [ "$1" = "$its_user" ] || [ "$1" = "\${its_ids%:*}" ] || return 1
  [ -z "$2" ] || [ "$2" = "$its_group" ] || [ "$2" = "\${its_ids#*:}" ] || return 1
  [ -z "$3" ] || [ "$((0$3))" = "$((0$its_access))" ]
}
dressed() { facts "$1"; dressed_as "$2" "$3" "$4"; }`,
  },
  stage: {
    calls: [],
    text: `
# A folder of ours beside the file, named after the task.
stage_of() { its_stage=\${1%/*}/.belay-\${BELAY_TASK##*/}; }
stage() { stage_of "$1"; printf '%s' "$its_stage"; }

# Takes away what an earlier try has staged there.
unstage() { stage_of "$1"; [ ! -e "$its_stage" ] && [ ! -L "$its_stage" ] || rm -rf -- "$its_stage"; }

open_stage() {
  unstage "$1"
  staged=$its_stage
  mkdir -m 0700 -- "$staged" && cd -P -- "$staged" && [ -O . ]
}

close_stage() { cd / && rm -rf -- "$staged" && staged=''; }`,
  },
  flush: {
    calls: [],
    text: `
# Makes a change that has reached the disk's cache outlast a power cut.
flush() { sync -- "$1" 2>/dev/null || sync; }`,
  },
  guard: {
    calls: ['stage'],
    text: `
# Until a first rename, every failure is a refusal: what was staged goes away and nothing has happened.
guard() {
  moved='' staged=''
  trap 'code=$?; [ -z "$staged" ] || close_stage; [ "$code" = 0 ] || [ -n "$moved" ] || exit ${refusal}' EXIT
}`,
  },
  replace: {
    calls: ['stage', 'facts', 'digest', 'refuse', 'flush'],
    text: `
# replace PATH OWNER GROUP MODE MODE-IF-NEW [SHA256] <CONTENT: what is not given stays as it is. The folder that it is
# made in is ours alone, whatever its own mode is meanwhile.
replace() {
  open_stage "$1"
  anew=1
  if [ -f "$1" ]; then
    [ "\${its_path-}" = "$1" ] || facts "$1"
    cp -a --attributes-only -- "$1" new 2>/dev/null || cp -a -- "$1" new
    if [ ! -w new ]; then chmod 600 new
    elif [ "\${#its_access}" -le 3 ]; then anew=''
    fi
    set -- "$1" "$2" "$3" "\${4:-$its_access}" "$2$3$4$anew" "\${6:-}"
  else
    : >new
    set -- "$1" "$2" "$3" "\${4:-$5}" 1 "\${6:-}"
  fi
  cat >new
  [ -z "$6" ] || sum_up new
  [ -z "$6" ] || [ "$its_sum" = "$6" ] || refuse "$1: its content did not arrive whole"
  [ -z "$2" ] || chown -- "$2" new
  [ -z "$3" ] || chgrp -- "$3" new
  [ -z "$5" ] || chmod -- "$4" new
  flush new
  mv -fT -- new "$1"
  moved=1
  close_stage
  flush "\${1%/*}/"
}`,
  },
  save: {
    calls: ['plain', 'digest', 'refuse'],
    text: `
# keep_file PATH NAME: saves a file whose $its_digest is known, with its attributes, under a name in the pre-image, as
# long as nobody writes to it meanwhile.
keep_file() {
  cp -a -- "$1" "$BELAY_SAVE/$2"
  sum_up "$BELAY_SAVE/$2"
  [ "$its_sum" = "$its_digest" ] || refuse "$1 is being written to"
}
save() {
  plain "$1"
  [ -n "$its_links" ] || return 0
  sum_up "$1"
  its_digest=$its_sum
  keep_file "$1" "$2"
}`,
  },
  restore: {
    calls: ['stage', 'flush'],
    text: `
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
}`,
  },
} as const;
type Name = keyof typeof functions;

/** Shell text that defines these functions and what they call; without comments and indentation, which would only be sent. */
function having(...names: Name[]): string {
  const wanted = new Set(names);
  for (const name of wanted) for (const called of functions[name].calls) wanted.add(called);
  const lines = [...wanted].flatMap((name) => functions[name].text.split('\n')).map((line) => line.trim());
  return ['set -eu', ...lines.filter((line) => line !== '' && !line.startsWith('#'))].join('\n');
}

export const fileState = `${having(...(Object.keys(functions) as Name[]))}
`;

/** The exit code by which `captureFile` says that the file is already so. */
export const alreadySo = 45;

/**
 * Arguments: path, `exists` where it must be there; then, where the content is known that it shall have, owner, group
 * and mode: it is compared first, and nothing is saved where it is already so.
 */
export const captureFile = `${having('image', 'plain', 'dressed', 'save')}
if [ -n "\${BELAY_SAVE:-}" ]; then
  [ "$2" != exists ] || [ -e "$1" ] || refuse "$1 does not exist"
  plain "$1"
  : >"$BELAY_TASK/mark"
  if [ -n "$its_links" ]; then
    file_image "$1"
    half_done "$1"
    if [ $# -ge 5 ] && [ "$its_digest" = "$BELAY_STDIN_SHA256" ] && dressed_as "$3" "$4" "$5"; then exit ${alreadySo}; fi
    keep_file "$1" content
    printf '%s\\n' "$its_mark" >"$BELAY_TASK/mark"
  else
    [ -d "\${1%/*}/" ] || refuse "the folder of $1 does not exist"
    state_of "$1"
  fi
else
  state_of "$1"
fi
printf '%s\\n' "$state"
`;

/** Argument: path. Prints the file, for showing what would change; exits with 44 where there is none. */
export const showFile = `${having('plain')}
plain "$1"
[ -f "$1" ] || exit 44
cat -- "$1"
`;

/** Refuses where what is there is neither what was captured nor what is wanted. A mark that has stayed says so without reading. */
const stillCaptured = `
still_captured() {
  mine=''
  { IFS= read -r mine <"$BELAY_TASK/mark"; } 2>/dev/null || mine=''
  if [ -n "$mine" ] && [ -n "$its_links" ] && [ "$its_mark" = "$mine" ]; then return 0; fi
  its_digest=''
  state_of "$1"
  [ "$state" = "$BELAY_PRE_IMAGE" ] || [ "$its_digest" = "$BELAY_STDIN_SHA256" ] ||
    refuse "$1 has changed since it was captured"
}`;

/** Arguments: path, owner, group, mode, mode of a new file. Standard input: the content. */
export const replaceFile = `${having('guard', 'plain', 'image', 'replace')}${stillCaptured}
guard
unstage "$1"
plain "$1"
still_captured "$1"
replace "$1" "$2" "$3" "$4" "$5" "$BELAY_STDIN_SHA256"
`;

/** Arguments: path, owner, group, mode. Compares with the content that \`do\` reads. */
export const checkFile = `${having('plain', 'digest', 'dressed')}
plain "$1"
[ -n "$its_links" ] || { echo "$1 does not exist" >&2; exit 1; }
sum_up "$1"
[ "$its_sum" = "$BELAY_STDIN_SHA256" ] || { echo "$1 has another content" >&2; exit 1; }
dressed_as "$2" "$3" "$4" || { echo "$1 has another owner, group or mode" >&2; exit 1; }
`;

/** As {@link checkFile}; prints the image of what it has read. */
export const verifyFile = `${having('plain', 'file_image', 'half_done', 'dressed')}
plain "$1"
[ -n "$its_links" ] || { echo "$1 does not exist" >&2; exit 1; }
file_image "$1"
[ "$its_digest" = "$BELAY_STDIN_SHA256" ] || { echo "$1 has another content" >&2; exit 1; }
dressed_as "$2" "$3" "$4" || { echo "$1 has another owner, group or mode" >&2; exit 1; }
half_done "$1"
printf '%s\\n' "$state"
`;

/** Argument: path. */
export const restoreFile = `${having('restore')}
restore "$1" content
`;

/** As {@link replaceFile}, with what was carried from another host; whose sum is kept for reading it back. */
export const placeCarried = `${having('guard', 'plain', 'image', 'replace')}${stillCaptured}
guard
unstage "$1"
plain "$1"
[ -f "$BELAY_TASK/carried" ] || refuse 'nothing was carried to this host'
still_captured "$1"
printf '%s\\n' "$BELAY_STDIN_SHA256" >"$BELAY_TASK/carried.sum"
replace "$1" "$2" "$3" "$4" "$5" "$BELAY_STDIN_SHA256" <"$BELAY_TASK/carried"
rm -f -- "$BELAY_TASK/carried"
`;

/** Arguments: path, owner, group, mode. Compares with what was carried, whatever its source has become since; prints as {@link verifyFile}. */
export const verifyCarried = `${having('plain', 'file_image', 'half_done', 'dressed')}
plain "$1"
[ -n "$its_links" ] || { echo "$1 does not exist" >&2; exit 1; }
IFS= read -r sum <"$BELAY_TASK/carried.sum"
file_image "$1"
[ "$its_digest" = "$sum" ] || { echo "$1 has another content than was carried" >&2; exit 1; }
dressed_as "$2" "$3" "$4" || { echo "$1 has another owner, group or mode" >&2; exit 1; }
half_done "$1"
printf '%s\\n' "$state"
`;
