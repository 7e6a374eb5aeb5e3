# What a part needs, written down before it starts.

new_folder() {
  while [ -s "$journal/t/$next/name" ]; do next=$((next + 1)); done
  if [ ! -d "$journal/t/$next/pre" ]; then
    # Many at once: a fork each would be a third of what a script costs.
    task=$1 i=$next
    set --
    while [ "$i" -lt $((next + 32)) ]; do
      set -- "$@" "$journal/t/$i/pre"
      i=$((i + 1))
    done
    mkdir -p "$@" || return 1
    printf '%s\n' "$next" >"$journal/next"
    set -- "$task"
  fi
  number=$next d=$journal/t/$next
  next=$((next + 1))
  printf '%s\n' "$1" >"$d/name" && printf '%s\n' "$number" >"$journal/names/$1" && folder "$1"
}

# What the sheet of a script says is kept in $words where it is one plain line; else in a file, which $told tells.
stage() {
  id=$1 task=$2 part=$3 attempt=$4 by=$5 refusal=$6 seconds=$7 limit=$8 secret=$9
  shift 9
  fed=$1 sent=$2 direct=$3 fresh=$4 line_wanted=$5
  count=$((count + 1))
  why='' serial=$me.$count sheet=/dev/null env=/dev/null data=/dev/null words='' told=''
  if folder "$task"; then
    [ "$fresh" = 0 ] || {
      why=known
      return
    }
  else
    new_folder "$task" || {
      full
      return
    }
  fi
  run=$d/$part.$attempt.$serial
  place=$run
  if [ "$secret" = 1 ]; then
    [ -n "$private" ] && enter_private || {
      why='host/unsuitable it has no tmpfs at /run or /dev/shm to hold a secret in'
      return
    }
    place=$private/$serial
  fi
  env=$place.env
  [ "$fed" = 1 ] && data=$place.in
  if [ "$direct" = 0 ]; then
    sheet=$run.sh
    true >"$sheet" || full
  elif [ -z "$setsid" ]; then
    # Without setsid only a shell of its own keeps the program from meeting what the runner has defined.
    sheet=$run.sh
    printf 'exec "$@"\n' >"$sheet" || full
  fi
  [ "$fed" = 0 ] || true >"$data" || full
}

full() {
  why="host/disk-full $journal cannot be written"
}

add() {
  printf '%b' "$2" >>"$1" || full
}

# add_bytes FILE COUNT: what follows on stdin. Where it cannot all be stored, nothing after it can be trusted.
# Not head: that of busybox reads ahead and swallows the next messages.
add_bytes() {
  dd bs="$2" count=1 iflag=fullblock 2>/dev/null >>"$1" && return
  say "refused $id host/disk-full it could not store what it was sent"
  exit 1
}
