import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shells } from './request.js';

const room = 'activities/ssh';
const parts = ['books', 'starting', 'carrying'].map((name) => `. ${room}/runner/${name}.sh`).join('; ');

describe.each(shells)('a process, under %s,', (_, [shell = '', ...options]) => {
  /** What statements print that have the runner's functions at hand, and a folder of their own as `$journal`. */
  const said = (statements: string): string => {
    const journal = mkdtempSync(join(tmpdir(), 'belay-births-'));
    const script = `. ${room}/journal.sh; ${parts}
      journal=$1
      ${statements}
      exit 0`;
    try {
      return execFileSync(shell, [...options, '-c', script, 'sh', journal], { encoding: 'utf8' }).trim();
    } finally {
      rmSync(journal, { recursive: true });
    }
  };
  const known = (pid: string): string => `if alive ${pid} "$birth"; then echo it; else echo another; fi`;

  it('is known by a tick at which it was there', () => {
    const child = `sleep 5 & birth "$!"; case $birth in -*) ;; *) echo "no tick: $birth" ;; esac`;
    expect(said(`find_clock; ${child}; ${known('"$!"')}; kill "$!"`)).toBe('it');
  });

  it('is another one where it has begun since, whatever its number', () => {
    expect(said(`find_clock; birth "$$"; sleep 0.1; sleep 5 & ${known('"$!"')}; kill "$!"`)).toBe('another');
  });

  it('is known by its start time, as earlier versions wrote it, and where uptime is told by another clock', () => {
    expect(
      said(`belay_clock=; sleep 5 & birth "$!"; born "$!"; [ "$birth" = "$born" ] && ${known('"$!"')}; kill "$!"`),
    ).toBe('it');
    expect(said(`sleep 5 & birth=12; ${known('"$!"')}; kill "$!"`)).toBe('another');
  });

  it('is nobody that nothing is known of', () => {
    for (const birth of ['', '-']) expect(said(`birth=${birth}; ${known('"$$"')} 2>/dev/null`)).toBe('another');
  });

  it.each([
    ['that has been up for longer', '+'],
    ['that has been up for less long', '-'],
  ])('is not timed by the clock of a container %s than its kernel', (_what, sign) => {
    const shifted = `up() { IFS=' ' read -r now line </proc/uptime; tick=$((\${now%.*}\${now#*.} ${sign} 300)); }`;
    expect(said(`find_clock; echo "$belay_clock"; ${shifted}; find_clock; echo "$belay_clock"`)).toBe('one');
  });

  /** Who watches then; whoever makes way is given five seconds to be gone. */
  const watched = (knows: string): string =>
    said(`watch() { sleep 1; }; now=1.00; sleep 60 & old=$!; born "$old"; start=$born
      echo "$old $start $boot${knows}" >"$journal/watching"
      keep_watch
      IFS=' ' read -r pid word was knows <"$journal/watching"
      [ "$pid" = "$old" ] && echo it || echo another
      turns=50
      until [ "$pid" = "$old" ] || ! alive "$old" "$start" || [ "$turns" = 0 ]; do sleep 0.1; turns=$((turns - 1)); done
      alive "$old" "$start" && echo stays || echo gone
      echo "$knows"
      kill "$old" 2>/dev/null`);

  it('that watches for an earlier version makes way for one that can read births', () => {
    expect(watched('')).toBe('another\ngone\nbirths');
    expect(watched(' births')).toBe('it\nstays\nbirths');
  });
});
