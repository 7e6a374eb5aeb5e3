/**
 * Arguments: host, port, expectation, seconds. Exits with 0 where it is as expected, with 1 where it is not or where
 * that cannot be told; nothing is changed in either case. "closed" is a refusal, an unreachable-host answer (how
 * many firewalls refuse) or silence, from every address of the name. A name that cannot be resolved, or a host
 * without a network, proves nothing and is an error. perl is part of every Debian, python3 of most other systems,
 * bash of nearly all; a host with none of them is refused.
 */
export const probePort = `set -eu
perl_probe() {
  perl -e '
    use strict; use Socket qw(:DEFAULT getaddrinfo SOCK_STREAM SOL_SOCKET SO_ERROR); use Errno; use Fcntl;
    my ($host, $port, $wait) = @ARGV; my $answer = "closed";
    my ($wrong, @found) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
    if ($wrong) { print "unresolved $wrong\\n"; exit }
    for my $one (@found) {
      socket(my $s, $one->{family}, $one->{socktype}, $one->{protocol}) or next;
      fcntl($s, F_SETFL, O_NONBLOCK);
      my $code = connect($s, $one->{addr}) ? 0 : $! + 0;
      if ($code == Errno::EINPROGRESS) {
        my $bits = ""; vec($bits, fileno($s), 1) = 1;
        $code = select(undef, $bits, undef, $wait) ? unpack("i", getsockopt($s, SOL_SOCKET, SO_ERROR)) : Errno::ETIMEDOUT;
      }
      if ($code == 0) { print "open\\n"; exit }
      next if grep { $code == $_ } Errno::ECONNREFUSED, Errno::ETIMEDOUT, Errno::EHOSTUNREACH, Errno::EACCES, Errno::ECONNRESET;
      $! = $code; $answer = "unknown $!";
    }
    print "$answer\\n";' -- "$@"
}
python_probe() {
  python3 -c '
import errno, os, socket, sys
host, port, wait = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
shut = (errno.ECONNREFUSED, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.EACCES, errno.ECONNRESET)
try: found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
except OSError as error: print("unresolved", error); sys.exit()
answer = "closed"
for family, kind, protocol, _, address in found:
  try:
    with socket.socket(family, kind, protocol) as s:
      s.settimeout(wait); s.connect(address); print("open"); sys.exit()
  except (TimeoutError, socket.timeout): pass
  except OSError as error:
    if error.errno not in shut: answer = "unknown " + os.strerror(error.errno)
print(answer)' "$@"
}
bash_probe() {
  said=$(timeout "$3" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>&1) && { echo open; return; } || code=$?
  [ "$code" != 124 ] && [ "$code" != 143 ] || { echo closed; return; }
  case $said in
    *'Connection refused'* | *'Connection timed out'* | *'No route to host'* | *'Connection reset'*) echo closed ;;
    *) echo "unknown $said" ;;
  esac
}
if command -v perl >/dev/null; then seen=$(perl_probe "$1" "$2" "$4")
elif command -v python3 >/dev/null; then seen=$(python_probe "$1" "$2" "$4")
elif command -v bash >/dev/null && command -v timeout >/dev/null; then seen=$(bash_probe "$1" "$2" "$4")
else echo 'this host has neither perl nor python3 nor bash, so it cannot look at a port' >&2; exit 1
fi
case $seen in
  "$3") echo "$1 port $2 is $3" ;;
  open | closed) echo "$1 port $2 is $seen, expected $3" >&2; exit 1 ;;
  *) echo "whether $1 port $2 is $3 cannot be told: $seen" >&2; exit 1 ;;
esac
`;
