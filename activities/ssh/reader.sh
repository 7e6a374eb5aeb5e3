# The reading channel: answers about output, saved files and files that are collected, by offset; and carries files to and
# from other hosts in pieces of 1 MiB. It writes nothing but what is carried, into the folder of its task.
journal=$1

# sizes: sets $size1 $size2 of the two streams of $of, $cut1 $cut2, the bytes that have been cut from them, and where one is
# being cut, $from1 $from2, from what size. Where that changes meanwhile all are asked again: the same bytes would count
# twice, or not at all.
sizes() {
  size1=0 size2=0 cut1=0 cut2=0 from1= from2= cuts=
  [ -s "$of.out" ] || [ -s "$of.err" ] || return 0
  until [ "$cuts" = "$cut1 $from1 $cut2 $from2" ]; do
    cuts="$cut1 $from1 $cut2 $from2"
    set -- $(stat -c %s "$of.out" "$of.err" 2>/dev/null)
    size1=${1:-0} size2=${2:-0}
    { IFS=' ' read -r cut1 from1 <"$of.out.cut"; } 2>/dev/null
    { IFS=' ' read -r cut2 from2 <"$of.err.cut"; } 2>/dev/null
  done
}

# span SIZE OFFSET MAX: sets $span, the bytes to send.
span() {
  span=$1
  [ "$span" -gt "$was_limit" ] && span=$was_limit
  span=$((span - $2))
  [ "$span" -lt 0 ] && span=0
  [ "$span" -gt "$3" ] && span=$3
  return 0
}

# dropped CUT SIZE FROM: sets $dropped, the bytes beyond the limit. A stream that is smaller than it is being cut from has
# been cut.
dropped() {
  dropped=$1
  [ "$2" -lt "${3:-0}" ] && dropped=$((dropped + $3 - was_limit))
  [ "$2" -gt "$was_limit" ] && dropped=$((dropped + $2 - was_limit))
  return 0
}

# send FILE OFFSET LENGTH
send() {
  [ "$3" -gt 0 ] || return 0
  if [ "$2" -eq 0 ]; then head -c "$3" "$1"; else tail -c "+$(($2 + 1))" "$1" | head -c "$3"; fi
}

# follow TASK PART ATTEMPT OFFSET1 OFFSET2 MAX: the state is read before the sizes, so that at an end they are final.
follow() {
  state=none
  if folder "$1"; then
    case $2 in do | undo) state "$d/$2.$3.claim" ;; *) state "$d/$2.$3.start" ;; esac
  fi
  if [ "$state" = none ]; then
    printf 'none - 0 0 - 0 0 0 0\n'
    return
  fi
  sizes
  span "$size1" "$4" "$6"
  span1=$span
  span "$size2" "$5" "$6"
  span2=$span
  dropped "$cut1" "$size1" "$from1"
  dropped1=$dropped
  dropped "$cut2" "$size2" "$from2"
  printf '%s\n' "$state ${code:--} ${began:-0} ${ended:-0} $was_boot $dropped1 $dropped $span1 $span2"
  send "$of.out" "$4" "$span1"
  send "$of.err" "$5" "$span2"
}

# saved TASK FILE MAX: -1 where there is none, or it is bigger.
saved() {
  size=-1
  if folder "$1" && [ -s "$d/pre.image" ] && [ -f "$d/pre/$2" ]; then
    size=0
    [ -s "$d/pre/$2" ] && size=$(stat -c %s "$d/pre/$2")
    [ "$size" -le "$3" ] || size=-1
  fi
  printf '%s\n' "$size"
  send "$d/pre/$2" 0 "$size"
}

# path_of ESCAPED: sets $path.
path_of() {
  path=$(printf '%bx' "$1") path=${path%x}
}

# measure PATH MAX: bytes and SHA-256; -1 where it is no file that can be read, no sum where it is too big.
measure() {
  path_of "$1"
  size=-1 sum=-
  if [ -f "$path" ] && [ -r "$path" ]; then
    size=$(stat -L -c %s -- "$path")
    [ "$size" -gt "$2" ] || sum=$(sha256sum <"$path")
  fi
  printf '%s\n' "$size ${sum%% *}"
}

# piece PATH INDEX LENGTH: always so many bytes, since nobody could tell them from what follows; where the file has
# become shorter they are zeros, and its sum another.
piece() {
  path_of "$1"
  { dd if="$path" bs=1048576 skip="$2" count=1 2>/dev/null; head -c "$3" /dev/zero; } | head -c "$3"
}

# carry TASK INDEX LENGTH, and so many bytes: how many there are then; -1 where they were not kept.
carry() {
  to=/dev/null
  if folder "$1"; then
    to=$d/carried
    [ "$2" -gt 0 ] || rm -f "$to"
  fi
  { true >>"$to"; } 2>/dev/null || to=/dev/null
  size=-1
  { [ "$3" -eq 0 ] || dd bs="$3" count=1 iflag=fullblock 2>/dev/null >>"$to"; } && [ -f "$to" ] && size=$(stat -c %s "$to")
  printf '%s\n' "$size"
}

# unpacked: what the standard input holds, where $path is that of a compressed file.
unpacked() {
  case $path in *.gz) gzip -dc 2>/dev/null ;; *) cat ;; esac
}

# files MOST PATTERN…: the host's time and zone; then a line for each file that can be read (identity, size or - where it is
# compressed, time, bytes of its beginning, path) and these bytes; then a line with how many were left out.
files() {
  date '+%s %z'
  most=$1 count=0 left=0 fields=$IFS
  shift
  for escaped; do
    path_of "$escaped"
    IFS=
    for path in $path; do
      [ -f "$path" ] && [ -r "$path" ] || continue
      if [ "$count" -ge "$most" ]; then left=$((left + 1)); else described <"$path"; fi
    done
    IFS=$fields
  done
  printf '. %s\n' "$left"
}

# described: the file on the standard input, which is $path.
described() {
  case $path in *'
'*) return ;; esac
  told=$(stat -L -c '%d:%i %s %Y' /dev/stdin) || return
  size=${told#* } size=${size% *} begins=$size
  case $path in
    *.gz)
      begins=$(unpacked <"$path" | head -c 1024 | wc -c)
      size=-
      ;;
  esac
  [ "$begins" -le 1024 ] || begins=1024
  count=$((count + 1))
  printf '%s\n' "${told%% *} $size ${told##* } $((begins)) $path"
  { unpacked | head -c "$begins"; head -c "$begins" /dev/zero; } 2>/dev/null | head -c "$begins"
}

# stretch IDENTITY OFFSET LENGTH PATH: how many bytes, and these; -1 where another file is there now.
stretch() {
  path_of "$4"
  if [ -f "$path" ] && [ -r "$path" ]; then same "$@" <"$path"; else printf '%s\n' -1; fi
}

same() {
  told=$(stat -L -c '%d:%i %s' /dev/stdin)
  if [ "${told% *}" != "$1" ]; then
    printf '%s\n' -1
    return
  fi
  case $path in
    *.gz) size=$(unpacked <"$path" | tail -c "+$(($2 + 1))" | head -c "$3" | wc -c) ;;
    *) size=$((${told#* } - $2)) ;;
  esac
  [ "$size" -ge 0 ] || size=0
  [ "$size" -le "$3" ] || size=$3
  printf '%s\n' "$((size))"
  [ "$size" -gt 0 ] || return 0
  {
    case $path in *.gz) unpacked | tail -c "+$(($2 + 1))" ;; *) tail -c "+$(($2 + 1))" ;; esac
    head -c "$size" /dev/zero
  } 2>/dev/null | head -c "$size"
}

printf 'belay reading\n'
while IFS= read -r line; do
  set -- $line
  case $1 in
    follow)
      shift
      follow "$@"
      ;;
    saved)
      shift
      saved "$@"
      ;;
    measure)
      measure "$2" "$3"
      ;;
    piece)
      piece "$2" "$3" "$4"
      ;;
    files)
      shift
      files "$@"
      ;;
    stretch)
      shift
      stretch "$@"
      ;;
    carry)
      carry "$2" "$3" "$4"
      ;;
  esac
done
