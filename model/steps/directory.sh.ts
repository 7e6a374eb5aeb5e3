import { fileState } from './file-state.sh.js';

/** Argument: path. A folder's files are no part of its state. */
export const captureDirectory = `${fileState}
if [ -n "\${BELAY_SAVE:-}" ]; then
  [ ! -L "$1" ] || refuse "$1 is a symbolic link to $(readlink -- "$1"); name the folder itself"
  [ ! -e "$1" ] || [ -d "$1" ] || refuse "$1 is there and is not a folder"
  [ -d "\${1%/*}/" ] || refuse "the folder of $1 does not exist"
fi
image "$1"
echo
`;

/** Arguments: path, owner, group, mode. */
export const checkDirectory = `${fileState}
[ ! -L "$1" ] || refuse "$1 is a symbolic link to $(readlink -- "$1"); name the folder itself"
[ -d "$1" ] || { [ ! -e "$1" ] || refuse "$1 is there and is not a folder"; echo "$1 does not exist" >&2; exit 1; }
dressed "$1" "$2" "$3" "$4" || { echo "$1 has another owner, group or mode" >&2; exit 1; }
`;

/**
 * Arguments: path, owner, group, mode. A new folder is dressed before it gets its name; the rename fails where
 * somebody else's folder of that name has files. An existing one is changed in place.
 */
export const makeDirectory = `${fileState}
guard
rm -rf -- "$(stage "$1")"
dress() {
  [ -z "$2" ] || { chown -- "$2" "$1"; moved=\${3:+1}; }
  [ -z "$4" ] || { chgrp -- "$4" "$1"; moved=\${3:+1}; }
  [ -z "$5" ] || { chmod -- "$5" "$1"; moved=\${3:+1}; }
}
if [ -d "$1" ] && [ ! -L "$1" ]; then
  case "$BELAY_PRE_IMAGE" in folder*) ;; *) [ "$BELAY_ATTEMPT" != 1 ] || refuse "$1 has been made by somebody else since" ;; esac
  dress "$1" "$2" "in place" "$3" "$4"
else
  [ ! -e "$1" ] && [ ! -L "$1" ] || refuse "$1 is there and is not a folder"
  open_stage "$1"
  mkdir -m 0755 new
  dress ./new "$2" '' "$3" "$4"
  mv -nT -- new "$1"
  [ ! -d ./new ] || refuse "$1 has been made by somebody else since"
  moved=1
  close_stage
fi
flush "\${1%/*}/"
`;

/** Argument: path. What was not there goes, if nobody has put anything into it; else owner and mode go back. */
export const restoreDirectory = `${fileState}
rm -rf -- "$(stage "$1")"
case "$BELAY_PRE_IMAGE" in
  absent*)
    [ -d "$1" ] || exit 0
    rmdir -- "$1" || { echo "$1 holds what other hands have put there; it stays" >&2; exit 1; } ;;
  folder*)
    set -- "$1" $BELAY_PRE_IMAGE
    chown -- "$4" "$1"
    chmod -- "$3" "$1" ;;
esac
flush "\${1%/*}/"
`;
