import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { switchOf } from '../../lab/network.js';
import { programPath } from '../../lab/program.js';

/** What went over the wire, until it is asked for. */
export interface Wire {
  /** Ends listening once these last words came; returns what the packets carried, in the order in which they came. */
  heard(last: string): Promise<Buffer>;
}

/** Keeps what TCP carries over the bridge of a lab, from or to some ports. Each packet is taken once, as it enters. */
export async function listenOnWire(lab: string, ports: readonly number[], file: string): Promise<Wire> {
  const words = ['netns', 'exec', switchOf(lab), 'perl', '-e', program, file, ...ports.map(String)];
  const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: programPath } });
  await once(child.stdout, 'data');
  return {
    heard: async (last) => {
      while (!(await readFile(file)).includes(last)) await sleep(200);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      return readFile(file);
    },
  };
}

/** Address family 17 are packets, type 3 is raw, protocol 3 is all; packets of type 4 leave the bridge, and came in before. */
const program = String.raw`
use strict;
my ($file, @ports) = @ARGV;
my %wanted = map { $_ => 1 } @ports;
socket(my $wire, 17, 3, unpack('S', pack('n', 3))) or die "no packet socket: $!";
setsockopt($wire, 1, 33, pack('i', 64 * 1024 * 1024));
open(my $kept, '>:raw', $file) or die "$file: $!";
select((select($kept), $| = 1)[0]);
$SIG{TERM} = sub { close $kept; exit 0 };
$| = 1; print "listening
";
while (defined(my $from = recv($wire, my $frame, 65536, 0))) {
  next if ord(substr($from, 10, 1)) == 4;
  next unless length($frame) > 54 && unpack('n', substr($frame, 12, 2)) == 0x0800 && ord(substr($frame, 23, 1)) == 6;
  my $tcp = 14 + 4 * (ord(substr($frame, 14, 1)) & 15);
  my ($source, $target) = unpack('nn', substr($frame, $tcp, 4));
  next unless $wanted{$source} || $wanted{$target};
  my $end = 14 + unpack('n', substr($frame, 16, 2));
  my $data = $tcp + 4 * (ord(substr($frame, $tcp + 12, 1)) >> 4);
  print $kept substr($frame, $data, $end - $data) if $end > $data;
}`;
