# Opening the journal: where it is, whether it would outlive a restart, and whose it is.

# file_system DIRECTORY: sets $type of the file system that holds it.
file_system() {
  type=unknown best=
  while IFS=' ' read -r word point kind word; do
    case $1/ in
      "${point%/}"/*) [ "${#point}" -ge "${#best}" ] && best=$point type=$kind ;;
    esac
  done </proc/self/mounts
}

open_journal() {
  if [ -z "$root" ]; then
    if [ "$(id -u)" = 0 ]; then root=/var/lib/belay; else root=${XDG_STATE_HOME:-$HOME/.local/state}/belay; fi
  fi
  journal=$root/$host
  there=$journal
  while [ -n "$there" ] && [ ! -d "$there" ]; do there=${there%/*}; done
  cd -P "${there:-/}" || turn_away "host/unsuitable $there cannot be entered"
  file_system "$PWD"
  case $type in
    tmpfs | ramfs) turn_away "host/unsuitable $journal is on $type and would not survive a restart" ;;
  esac
  cd /
  if [ ! -d "$journal/t" ] || [ ! -d "$journal/slots" ] || [ ! -d "$journal/names" ] || [ ! -d "$journal/runners" ]; then
    mkdir -p "$journal/t" "$journal/names" "$journal/slots" "$journal/runners" ||
      turn_away "host/unsuitable its state directory $journal cannot be made"
  fi
  [ -O "$journal" ] || turn_away "host/unsuitable $journal belongs to another user"
  cd -P "$journal" || turn_away "host/unsuitable $journal cannot be entered"
  journal=$PWD
  cd /
  if { IFS= read -r format <"$journal/format"; } 2>/dev/null; then
    [ "$format" = 1 ] || turn_away "host/unsuitable $journal has format $format, made by another version of Belay"
  else
    printf '1\n' >"$journal/format" || turn_away "host/disk-full $journal cannot be written"
  fi
}
