import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const room = 'activities/ssh';

/** What a runner, which has claimed its place, says when it looks who else has. No race could be told to come out so. */
function looks(me: string, others: readonly string[]): string {
  const journal = mkdtempSync(join(tmpdir(), 'belay-runners-'));
  try {
    mkdirSync(join(journal, 'runners'));
    for (const name of [me, ...others]) writeFileSync(join(journal, 'runners', name), '1 1 another-boot\n');
    const [holder = '', n = ''] = me.split('.');
    const script = `. ${room}/journal.sh; . ${room}/runner/taking-over.sh
      turn_away() { echo "$*"; exit; }
      journal=$1 me=$2 holder=$3 n=$4 new=$1/new
      give_way
      echo stays`;
    const said = execFileSync('sh', ['-c', script, 'sh', journal, me, holder, n], { encoding: 'utf8' }).trim();
    expect(readdirSync(join(journal, 'runners')).includes(me)).toBe(said === 'stays');
    return said;
  } finally {
    rmSync(journal, { recursive: true });
  }
}

it.each([
  ['stays where it came last', '300.6', ['300.5', '299.9'], 'stays'],
  ['gives way to a higher holder', '300.6', ['301.1'], 'host/stale-holder 301'],
  [
    'gives way to a later one with its number, or both would end each other',
    '300.6',
    ['300.7'],
    'host/stale-holder 300',
  ],
  ['counts, and does not compare letters', '300.9', ['300.10', '99.1'], 'host/stale-holder 300'],
])('a runner %s', (_what, me, others, said) => {
  expect(looks(me, others)).toBe(said);
});
