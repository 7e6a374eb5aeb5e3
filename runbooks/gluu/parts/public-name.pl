# Gives what bears one host name another one: where FORMER stands as a whole name, NAME will. A name before the port
# LDAPS is that of a directory server, and stays.
# Without arguments: entries as LDIF from standard input become changes as LDIF, value by value, so that a value that
# somebody changes meanwhile is refused. With arguments: these files, each in one rename, with its owner and its mode.
use strict;
use warnings;
use MIME::Base64;

my ($former, $name, $ldaps) = @ENV{qw(FORMER NAME LDAPS)};
my $whole = qr/(?<![A-Za-z0-9.-])\Q$former\E(?![A-Za-z0-9-]|\.[A-Za-z0-9]|:\Q$ldaps\E(?![0-9]))/i;

sub renamed { (my $text = $_[0]) =~ s/$whole/$name/g; return $text }

sub rename_in_file {
  my ($path) = @_;
  local $/;
  open my $in, '<', $path or die "$path: $!\n";
  my @kept = stat $in;
  my $text = <$in>;
  my $other = renamed($text);
  return if $other eq $text;
  open my $out, '>', "$path.new" or die "$path.new: $!\n";
  chmod $kept[2] & 07777, "$path.new";
  chown $kept[4], $kept[5], "$path.new";
  print $out $other and close $out or die "$path.new: $!\n";
  rename "$path.new", $path or die "$path: $!\n";
}

sub changes_of {
  my ($entry) = @_;
  $entry =~ s/\r?\n //g;
  my ($dn, @changes);
  for my $line (split /\r?\n/, $entry) {
    my ($attribute, $encoded, $value) = $line =~ /^([A-Za-z0-9;-]+):(:?) *(.*)$/ or next;
    $value = decode_base64($value) if $encoded;
    if (lc $attribute eq 'dn') { $dn = $value; next }
    my $other = renamed($value);
    next if $other eq $value;
    push @changes, "delete: $attribute\n${attribute}:: " . encode_base64($value, '') . "\n-\n";
    push @changes, "add: $attribute\n${attribute}:: " . encode_base64($other, '') . "\n-\n";
  }
  return @changes ? join('', 'dn:: ', encode_base64($dn, ''), "\nchangetype: modify\n", @changes, "\n") : '';
}

if (@ARGV) { rename_in_file($_) for @ARGV; exit }
local $/ = '';
while (my $entry = <STDIN>) { print changes_of($entry) }
