# The wrapper of a script, from its start to its result.

# The wrapper, in a process of its own: starts the script, waits for it, writes the result. It answers on 3 and finds the
# files of the script's output open as 8 and 9. Where the run file is there, a new runner wrote it, and the slot is no
# longer ours.
carry() {
  opened=''
  set -C
  { carry_opened; } >"$run.run"
  [ -z "$opened" ] || exit 0
  [ -e "$run.run" ] || vacate "$slot"
  say "void $id" >&3
}

# Writes the run file as its standard output. After the environment of the script is there, it sets no variable but its
# own, and calls nothing by a name that PATH decides.
carry_opened() {
  opened=1
  set +C
  belay_id=$id belay_d=$d belay_run=$run belay_slot=$slot belay_save=$save belay_attempt=$attempt belay_part=$part
  belay_env=$env belay_told=$told belay_words=$words belay_secret=$secret belay_setsid=$setsid belay_rm=$rm
  belay_journal=$journal belay_limit=$limit belay_sheet=$sheet belay_began=$now belay_line=$line_wanted
  # Of all that says who it is, this alone needs neither a fork nor many bytes of /proc.
  set -- /proc/self/task/*
  self=${1##*/}
  birth "$self"
  printf '%s %s\n' "$self" "$birth" || {
    vacate "$slot"
    say "void $id" >&3
    return
  }
  belay_image=
  IFS= read -r belay_image <"$d/pre.image" && belay_seen=1 || belay_seen=
  exec 4<"$data"
  set --
  eval "$belay_words"
  [ -z "$belay_told" ] || . "$belay_env"
  # Named one by one: where nothing is fed in, the data is /dev/null, which must stay.
  [ "$belay_secret" = 0 ] || "$belay_rm" -f "$belay_env" "${belay_env%.env}.in"
  export BELAY_TASK="$belay_d" BELAY_PRE="$belay_d/pre" BELAY_ATTEMPT="$belay_attempt"
  [ -z "$belay_seen" ] || export BELAY_PRE_IMAGE="$belay_image"
  [ -z "$belay_save" ] || export BELAY_SAVE="$belay_save"
  # Where there is no setsid, this is how what it starts is known, after whatever has happened to its parents.
  [ -n "$belay_setsid" ] || export BELAY_MARK="$belay_run"
  if [ "$belay_sheet" = /dev/null ]; then
    "$belay_setsid" -- "$@" <&4 >&8 2>&9 3>&- 4<&- 8>&- 9>&- &
  else
    ${belay_setsid:+"$belay_setsid"} @SHELL@ "$belay_sheet" "$@" <&4 >&8 2>&9 3>&- 4<&- 8>&- 9>&- &
  fi
  belay_leader=$!
  exec 4<&- 8>&- 9>&-
  unset IFS
  birth "$belay_leader"
  printf '%s %s\n' "$belay_leader" "$birth"
  [ -e "$belay_run.end" ] && end_run "$belay_run" cancelled
  wait "$belay_leader"
  carried "$?"
}

# birth PID: sets $birth, of this process, or of its child that it has not waited for.
birth() {
  if [ -n "$belay_clock" ]; then
    up
    birth=-$tick
  else
    born "$1"
    birth=$born
  fi
}

carried() {
  code=$1 of=$belay_run journal=$belay_journal limit=$belay_limit kept=
  IFS=' ' read -r ended line </proc/uptime
  [ -n "$belay_save" ] && [ "$code" = 0 ] && ! keep_image && kept=unsaved
  printf 'exit %s %s %s\n' "$code" "$belay_began" "$ended"
  finished
  out=0 err=0
  [ -s "$of.out" ] && out=1
  [ -s "$of.err" ] && err=1
  [ "$out$err" = 00 ] || printf '%s %s\n' "$of" "$limit" >>"$journal/ended"
  vacate "$belay_slot"
  line=
  [ "$belay_line$out$err" = 110 ] && only_line
  say "done $belay_id ${kept:-$state} $code $belay_began $ended $out $err${line:+ $line}" >&3
}

# Sets $line where it is all that the script has printed, and short enough to go with the answer.
only_line() {
  { IFS= read -r line && ! IFS= read -r more && [ "${#line}" -le 2048 ] && [ -z "$more" ]; } <"$of.out" || line=
}

# The image line makes the pre-image one: what it names is on the disk before.
keep_image() {
  IFS= read -r image <"$belay_run.out" || [ -z "$image" ] || :
  [ "${#image}" -le 2048 ] || return 1
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  sync_saved 2>/dev/null
  printf '%s\n' "$image" >"$belay_d/pre.image" && { IFS= read -r line <"$belay_d/pre.image"; } && [ "$line" = "$image" ] || return 1
  sync "$belay_d/pre.image" "$belay_d" "$belay_d/name" "$journal/names" 2>/dev/null
  return 0
}

# What was saved reaches the disk. Only find looks into folders, but most captures save one file, or nothing.
sync_saved() {
  set --
  for one in "$belay_d"/pre/* "$belay_d"/pre/.[!.]* "$belay_d"/pre/..?*; do
    if [ -d "$one" ]; then
      find "$belay_d/pre" -exec sync {} +
      return
    fi
    [ ! -e "$one" ] || set -- "$@" "$one"
  done
  [ "$#" = 0 ] || sync "$@" "$belay_d/pre"
}
