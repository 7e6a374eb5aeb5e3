import { refusal } from './file-state.sh.js';

/**
 * A backup is an archive a path in the task's own folder. GNU tar writes the same bytes for the same state (names,
 * bytes, owners, modes, times, links, access lists, capabilities and other extended attributes), so one SHA-256 is
 * that of the archive and of the state, and a folder can be compared with its archive at any time.
 *
 * The step's own state is whether the archives are there and whole. What is at the paths is not: they are kept in
 * order to be changed. So undo puts them back whatever has happened to them since, and keeps what it replaces.
 *
 * Arguments of every script: the limit in bytes, paths.
 */
const backupState = `set -eu
refuse() { printf '%s\\n' "$1" >&2; exit ${refusal}; }
kept=$BELAY_TASK/backup
limit=$1
shift

# Everything of a path as one stream, in an order of its own; nothing at all where there is nothing.
stream() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  tar --create --sort=name --format=posix --pax-option=delete=atime,delete=ctime,exthdr.name=x --numeric-owner \\
    --xattrs --xattrs-include='*' --acls --one-file-system --directory="\${1%/*}/" -- "./\${1##*/}" 2>"$BELAY_TASK/tar-said" ||
    { cat "$BELAY_TASK/tar-said" >&2; return 1; }
}

sum() { set -- "$(sha256sum)"; printf '%s' "\${1%% *}"; }

# Bytes of all paths together, holes not counted.
total() {
  bytes=0
  for path; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    size=$(du -sb -- "$path")
    bytes=$((bytes + \${size%%[!0-9]*}))
  done
  echo "$bytes"
}

# Whether a file system begins at the path or below it: its files would be missing.
mounts() {
  while read -r id parent device root point rest; do
    case $point in "$1" | "$1"/*) return 0 ;; esac
  done </proc/self/mountinfo
  return 1
}

suits() {
  case $1 in / | /proc | /proc/* | /sys | /sys/* | /dev | /dev/*) refuse "$1 cannot be put back" ;; esac
  [ -d "\${1%/*}/" ] || refuse "the folder of $1 does not exist"
  [ "$(cd -P -- "\${1%/*}/" && pwd)/\${1##*/}" = "$1" ] || [ "\${1%/*}" = '' ] || refuse "$1 is reached over a symbolic link; name where it lies"
  ! mounts "$1" || refuse "a file system is mounted at $1 or below it; its files would not be kept"
  [ -z "$(find "$1" -xdev -type s 2>/dev/null | head -n 1)" ] || refuse "$1 holds a socket, which cannot be kept: stop what listens there first"
}

# What is kept, as one line.
image() {
  [ -f "$kept/whole" ] || { echo 'backup none'; return; }
  printf 'backup'
  number=0
  for path; do
    number=$((number + 1))
    printf ' %s' "$(sum <"$kept/$number.tar")"
  done
  echo
}
`;

/** Refuses what is too large, or cannot be put back. Nothing is copied yet. */
export const captureBackup = `${backupState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  tar --version 2>/dev/null | grep -q 'GNU tar' || refuse 'this host has no GNU tar'
  for path; do suits "$path"; done
  bytes=$(total "$@")
  [ "$bytes" -le "$limit" ] || refuse "there are $bytes bytes, and the limit is $limit: nothing was kept"
  free=$(df -Pk -- "$BELAY_TASK" | sed 1d | tr -s ' ' | cut -d ' ' -f 4)
  [ "$((bytes / 1024 + 1024))" -lt "$free" ] || refuse "there are $bytes bytes, and $free KiB are free where they would be kept"
fi
image "$@"
`;

/** Makes the archives, and reads the paths a second time: what was written to meanwhile is not kept. */
export const makeBackup = `${backupState}
trap 'code=$?; [ "$code" = 0 ] || { rm -rf -- "$kept"; exit ${refusal}; }' EXIT
rm -rf -- "$kept"
mkdir -m 0700 -- "$kept"
bytes=$(total "$@")
[ "$bytes" -le "$limit" ] || refuse "there are $bytes bytes, and the limit is $limit: nothing was kept"
number=0
for path; do
  suits "$path"
  number=$((number + 1))
  stream "$path" >"$kept/$number.tar"
  [ "$(stream "$path" | sum)" = "$(sum <"$kept/$number.tar")" ] || refuse "$path is being written to; stop what writes there first"
  printf '%s %s %s bytes\\n' "$path" "$(sum <"$kept/$number.tar")" "$(wc -c <"$kept/$number.tar")"
done
sync -- "$kept"/* 2>/dev/null || sync
: >"$kept/whole"
sync -- "$kept" 2>/dev/null || sync
`;

/** Whether the archives hold what is at the paths now. */
export const checkBackup = `${backupState}
[ -f "$kept/whole" ] || { echo 'nothing is kept' >&2; exit 1; }
number=0
for path; do
  number=$((number + 1))
  [ "$(stream "$path" | sum)" = "$(sum <"$kept/$number.tar")" ] || { echo "$path is not what was kept" >&2; exit 1; }
done
`;

/**
 * Puts each path back that is not as it was: unpacked beside it and compared with its checksum first, then renamed
 * into place. What it replaces is kept in the task's folder, as `replaced`, until the run is archived.
 */
export const restoreBackup = `${backupState}
number=0
for path; do
  number=$((number + 1))
  archive=$kept/$number.tar
  aside=\${path%/*}/.belay-\${BELAY_TASK##*/}-$number
  # A try that was killed between its two renames left the old one there, and nothing at the path.
  [ ! -e "$aside/old" ] && [ ! -L "$aside/old" ] || [ -e "$path" ] || [ -L "$path" ] || mv -T -- "$aside/old" "$path"
  rm -rf -- "$aside"
  [ "$(stream "$path" | sum)" != "$(sum <"$archive")" ] || continue
  ! mounts "$path" || { echo "a file system is mounted at $path or below it; it stays as it is" >&2; exit 1; }
  bytes=$(total "$path")
  [ "$bytes" -le "$limit" ] ||
    { echo "what is at $path now is larger than the limit ($bytes bytes); it would be lost: move it away first" >&2; exit 1; }
  mkdir -p -m 0700 -- "$BELAY_TASK/replaced"
  stream "$path" >"$BELAY_TASK/replaced/$number.tar"
  mkdir -m 0700 -- "$aside"
  if [ -s "$archive" ]; then
    tar --extract --file="$archive" --directory="$aside" --numeric-owner --same-owner --same-permissions \\
      --xattrs --xattrs-include='*' --acls --delay-directory-restore
    [ "$(cd / && stream "$aside/\${path##*/}" | sum)" = "$(sum <"$archive")" ] ||
      { rm -rf -- "$aside"; echo "$path cannot be put back exactly here; it stays as it is" >&2; exit 1; }
  fi
  [ ! -e "$path" ] && [ ! -L "$path" ] || mv -T -- "$path" "$aside/old"
  [ ! -s "$archive" ] || mv -T -- "$aside/\${path##*/}" "$path"
  sync -- "\${path%/*}/" 2>/dev/null || sync
  rm -rf -- "$aside"
done
rm -rf -- "$kept"
`;
