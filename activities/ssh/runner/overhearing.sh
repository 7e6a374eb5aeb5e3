# Whether sudo could record what goes through this runner.

# heard: sets $heard. sudo that records puts a pipe of its own between the worker and the program that it starts; sudo
# that does not lets the program have its own stdin and stdout. Where that cannot be seen, it counts as recorded.
hear() {
  heard=unheard above='' at=$PPID
  while { IFS= read -r line <"/proc/$at/comm"; } 2>/dev/null && [ "$line" = sudo ]; do
    above=$at
    { IFS= read -r line <"/proc/$at/stat"; } 2>/dev/null || break
    set -- ${line##*) }
    at=$2
  done
  [ -n "$above" ] || return 0
  [ /proc/self/fd/0 -ef "/proc/$above/fd/0" ] && [ /proc/self/fd/1 -ef "/proc/$above/fd/1" ] || heard=overheard
}
