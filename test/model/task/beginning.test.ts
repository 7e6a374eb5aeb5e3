import { describe, expect, it } from 'vitest';
import { beginning, type EarlierClaim, type EarlierIntent } from '../../../model/task/beginning.js';

const host = { nonce: 'n1', bootId: 'b1' };
const intent = (over: Partial<EarlierIntent> = {}): EarlierIntent => ({
  attempt: 1,
  nonce: 'n1',
  bootId: 'b1',
  ...over,
});
const claim = (over: Partial<EarlierClaim> = {}): EarlierClaim => ({
  attempt: 1,
  bootId: 'b1',
  state: 'exited',
  ...over,
});

describe('where an attempt begins', () => {
  const cases: readonly [string, number, EarlierIntent[], EarlierClaim[], ReturnType<typeof beginning>][] = [
    ['a task nobody has touched is checked first', 1, [], [], { begin: 'check' }],
    ['an announced attempt that never reached the host is checked first', 1, [intent()], [], { begin: 'check' }],
    ['an end in the journal is taken, not repeated', 1, [intent()], [claim()], { begin: 'take-end' }],
    [
      'an end in the journal counts even after a restart of the host',
      1,
      [intent()],
      [claim({ bootId: 'b0' })],
      { begin: 'take-end' },
    ],
    ['a living process is followed', 1, [intent()], [claim({ state: 'running' })], { begin: 'follow' }],
    [
      'a process that is gone without a result leaves the outcome unknown',
      1,
      [intent()],
      [claim({ state: 'dead' })],
      { begin: 'unknown', why: 'step/outcome-unknown' },
    ],
    [
      'another journal leaves the outcome unknown, whatever it says',
      1,
      [intent({ nonce: 'n0' })],
      [claim()],
      { begin: 'unknown', why: 'host/journal-lost' },
    ],
    [
      'an announced attempt from before a restart is unknown even without a claim',
      1,
      [intent({ bootId: 'b0' })],
      [],
      { begin: 'unknown', why: 'host/rebooted' },
    ],
    [
      'a running claim from before a restart is unknown',
      1,
      [intent({ bootId: 'b0' })],
      [claim({ bootId: 'b0', state: 'running' })],
      { begin: 'unknown', why: 'host/rebooted' },
    ],
    [
      'after a try that ended badly, check and capture never run again',
      2,
      [intent({ ending: 'partial' })],
      [claim()],
      { begin: 'do' },
    ],
    [
      'after a try with unknown outcome, check and capture never run again',
      2,
      [intent({ ending: 'unknown' })],
      [],
      { begin: 'do' },
    ],
    [
      'a try whose outcome was unknown and that runs still is awaited',
      2,
      [intent({ ending: 'unknown' })],
      [claim({ state: 'running' })],
      { begin: 'await', attempt: 1 },
    ],
    [
      'a try that ran before the host restarted is not',
      2,
      [intent({ ending: 'unknown', bootId: 'b0' })],
      [claim({ state: 'running', bootId: 'b0' })],
      { begin: 'do' },
    ],
    [
      'after a try that refused, the task is checked again',
      2,
      [intent({ ending: 'refused' })],
      [claim()],
      { begin: 'check' },
    ],
    [
      'after a try that did not reach the host, the task is checked',
      2,
      [intent({ ending: 'unreachable' })],
      [],
      { begin: 'check' },
    ],
    ['a claim that Postgres does not know counts as an act', 2, [], [claim()], { begin: 'do' }],
    [
      'one bad try among refusals counts',
      3,
      [intent({ ending: 'partial' }), intent({ attempt: 2, ending: 'refused' })],
      [claim(), claim({ attempt: 2 })],
      { begin: 'do' },
    ],
  ];
  const unknown = intent({ ending: 'unknown' });
  it.each([
    [
      'the end of a try whose outcome was unknown comes first where its effect is read back',
      2,
      [unknown],
      [claim()],
      'await',
    ],
    ['that end is no use in another journal', 2, [{ ...unknown, nonce: 'n0' }], [claim()], 'do'],
    ['nor is one that was killed', 2, [unknown], [claim({ state: 'timed-out' })], 'do'],
    ['nor one whose outcome is known', 2, [intent({ ending: 'partial' })], [claim()], 'do'],
    ['nor one after which another one has acted', 3, [unknown], [claim(), claim({ attempt: 2, state: 'dead' })], 'do'],
  ] as const)('%s', (_name, attempt, intents, claims, begin) => {
    expect(beginning(attempt, host, intents, claims, true).begin).toBe(begin);
    expect(beginning(attempt, host, intents, claims).begin).toBe('do');
  });

  it.each(cases)('%s', (_name, attempt, intents, claims, expected) => {
    expect(beginning(attempt, host, intents, claims)).toEqual(expected);
  });
});
