# The remote runner: takes messages on stdin, one a line, and answers on stdout. It may die at any moment: scripts go
# on, and what it knows is in the journal. Forks are counted: two a script (its wrapper, its process group).

umask 077
root=$1 host=$2 holder=$3
count=0 private='' next='' turn=a watched=never now=''

say() {
  printf '%s\n' "$*"
}

nap() {
  sleep 0.05 2>/dev/null || sleep 1
}

turn_away() {
  say "belay refused $*"
  exit 0
}

rm=$(command -v rm) && [ -n "$boot" ] || turn_away 'host/unsuitable it lacks /proc'
setsid=$(command -v setsid) && "$setsid" true 2>/dev/null || setsid=
open_journal
take_over
settle_slots
open_books
find_clock
find_private
sweep_private
hear
# What scripts are told where nobody says otherwise: the sum of no standard input, and that no restart is owed.
export BELAY_STDIN_SHA256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 BELAY_RESTART_OWED=0
unset XDG_RUNTIME_DIR XDG_STATE_HOME OLDPWD
greet
[ "$top" = 0 ] || keep_watch

while IFS= read -r line; do
  rest=${line#* }
  case ${line%% *} in
    stage) stage $rest ;;
    script) add "$sheet" "$rest" ;;
    words) words=$rest ;;
    environment) told=1 && add "$env" "$rest" ;;
    stdin) add "$data" "$rest" ;;
    script-bytes) add_bytes "$sheet" "$rest" ;;
    environment-bytes) told=1 && add_bytes "$env" "$rest" ;;
    stdin-bytes) add_bytes "$data" "$rest" ;;
    start) start ;;
    there) say "there $rest" ;;
    holder) if raise "${rest#* }"; then say "held ${rest%% *}"; else say "failed ${rest%% *} $why"; fi ;;
    look) look $rest ;;
    kill) kill_part $rest ;;
    quiet) quiet $rest </dev/null 2>/dev/null & ;;
    keep)
      text=${rest#* }
      keep "${rest%% *}" "${text%% *}" "${text#* }"
      ;;
    forget) forget $rest ;;
  esac
done
[ -z "$private" ] || rmdir "$private" 2>/dev/null
