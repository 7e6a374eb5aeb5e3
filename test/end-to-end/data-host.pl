# A web server that keeps what it is given, in memory, one request after another: PUT, GET and DELETE.
# cspell:words setsockopt sockaddr syswrite
use strict; use warnings;
use Socket;
my %things;
socket(my $server, PF_INET, SOCK_STREAM, 0) or die $!;
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, sockaddr_in(8080, INADDR_ANY)) or die $!;
listen($server, 16) or die $!;
while (accept(my $client, $server)) {
  my ($first, $length) = (scalar <$client> // '', 0);
  while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n$/; $length = $1 if $line =~ /^content-length:\s*(\d+)/i }
  my ($method, $path) = split / /, $first;
  my $body = ''; read($client, $body, $length) if $length;
  my $there = exists $things{$path};
  if ($method eq 'PUT') { $things{$path} = $body }
  my $said = $things{$path} // '';
  delete $things{$path} if $method eq 'DELETE';
  my $status = $method eq 'PUT' ? 201 : $there ? 200 : 404;
  syswrite($client, "HTTP/1.1 $status x\r\nContent-Length: " . length($said) . "\r\nConnection: close\r\n\r\n$said");
  close $client;
}
