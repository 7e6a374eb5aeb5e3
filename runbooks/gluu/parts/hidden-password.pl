# Puts the password NEW where OLD stands, as Gluu hides passwords in files and entries: in triple DES by the 24 characters of
# the file SALT, in base64. Nobody can be asked to do it without the password in a command line; perl alone has no DES.
# Without arguments: entries as LDIF from standard input become changes as LDIF, value by value, so that a value that
# somebody changes meanwhile is refused. With arguments: these files, each in one rename, with its owner and its mode.
# With --count first: how often OLD and NEW stand in them, and nothing is changed.
use strict;
use warnings;
use MIME::Base64;

# The tables of FIPS 46-3.
my @initial = map { my $row = $_; map { $row - 8 * $_ } 0 .. 7 } 58, 60, 62, 64, 57, 59, 61, 63;
my @final; @final[map { $_ - 1 } @initial] = 1 .. 64;
my @expansion = map { my $four = 4 * $_; map { ($four + $_ + 31) % 32 + 1 } 0 .. 5 } 0 .. 7;
my @permutation = (16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25);
my @choice1 = (57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
  63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4);
my @choice2 = (14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
  41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32);
my @boxes = map { [map { hex } split //] } qw(
  e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d
  f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9
  a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c
  7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e
  2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453
  c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d
  4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c
  d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b
);

sub chosen { my ($bits, @places) = @_; return join '', map { substr $bits, $_ - 1, 1 } @places }

# The sixteen keys of the rounds, from the 64 bits of a key.
sub rounds_of {
  my ($left, $right) = unpack 'a28 a28', chosen($_[0], @choice1);
  return map {
    my $shift = $_;
    $_ = substr($_, $shift) . substr($_, 0, $shift) for $left, $right;
    chosen($left . $right, @choice2);
  } 1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1;
}

# One block of 64 bits by these keys; by the same in the opposite order it comes back.
sub ciphered {
  my ($block, @keys) = @_;
  my ($left, $right) = unpack 'a32 a32', chosen($block, @initial);
  for my $key (@keys) {
    my $mixed = chosen($right, @expansion) ^ $key;
    my $six = 0;
    my $out = join '', map {
      my $at = oct '0b' . join '', map { ord($_) & 1 } (split //, $_)[0, 5, 1 .. 4];
      sprintf '%04b', $boxes[$six++][$at];
    } unpack '(a6)8', $mixed;
    my $next = chosen($out, @permutation) ^ $left;
    ($left, $right) = ($right, join '', map { ord($_) & 1 } split //, $next);
  }
  return chosen($right . $left, @final);
}

sub hidden {
  my ($clear, $salt) = @_;
  my @keys = map { [rounds_of(unpack 'B64', $_)] } unpack '(a8)3', $salt;
  my $short = 8 - length($clear) % 8;
  my @blocks = map {
    my $bits = ciphered(unpack('B64', $_), @{ $keys[0] });
    $bits = ciphered($bits, reverse @{ $keys[1] });
    pack 'B64', ciphered($bits, @{ $keys[2] });
  } unpack '(a8)*', $clear . chr($short) x $short;
  return encode_base64(join('', @blocks), '');
}

sub content_of {
  my ($path) = @_;
  local $/;
  open my $in, '<', $path or die "$path: $!\n";
  return scalar <$in>;
}

my ($salt) = content_of($ENV{SALT}) =~ /^\s*encodeSalt\s*[=:]\s*(\S{24})\s*$/m or die "$ENV{SALT}: no salt of 24 characters\n";
my ($old, $new) = map { hidden($_, $salt) } @ENV{qw(OLD NEW)};
# Property files may have a backslash before what ends a key elsewhere; no other base64 goes on before or behind it.
sub standing { my $text = quotemeta $_[0]; $text =~ s/\\=/\\\\?=/g; return qr/(?<![A-Za-z0-9+\/])$text(?![A-Za-z0-9+\/=])/ }
my ($of_old, $of_new) = map { standing($_) } $old, $new;

sub replaced { (my $text = $_[0]) =~ s/$of_old/$new/g; return $text }

sub replace_in_file {
  my ($path) = @_;
  my @kept = stat $path;
  my $text = content_of($path);
  my $other = replaced($text);
  return if $other eq $text;
  open my $out, '>', "$path.new" or die "$path.new: $!\n";
  chmod $kept[2] & 07777, "$path.new";
  chown $kept[4], $kept[5], "$path.new";
  print $out $other and close $out or die "$path.new: $!\n";
  rename "$path.new", $path or die "$path: $!\n";
}

# The values of an entry, each with its attribute; the first one is its name.
sub values_of {
  my ($entry) = @_;
  $entry =~ s/\r?\n //g;
  return map { /^([A-Za-z0-9;-]+):(:?) *(.*)$/ ? [$1, $2 ? decode_base64($3) : $3] : () } split /\r?\n/, $entry;
}

sub changes_of {
  my ($name, @values) = values_of($_[0]);
  my @changes = map {
    my ($attribute, $value) = @$_;
    my $other = replaced($value);
    $other eq $value ? () : map { "$_->[0]: $attribute\n${attribute}:: " . encode_base64($_->[1], '') . "\n-\n" } ['delete', $value], ['add', $other];
  } @values;
  return @changes ? 'dn:: ' . encode_base64($name->[1], '') . "\nchangetype: modify\n" . join('', @changes) . "\n" : '';
}

my $count = @ARGV && $ARGV[0] eq '--count' && shift;
my @texts = @ARGV ? map { content_of($_) } @ARGV : do { local $/ = ''; <STDIN> };
if ($count) {
  my $all = join "\n", @ARGV ? @texts : map { map { $_->[1] } values_of($_) } @texts;
  printf "old=%d\nnew=%d\n", scalar(() = $all =~ /$of_old/g), scalar(() = $all =~ /$of_new/g);
} elsif (@ARGV) {
  replace_in_file($_) for @ARGV;
} else {
  print changes_of($_) for @texts;
}
