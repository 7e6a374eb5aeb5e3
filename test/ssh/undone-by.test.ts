import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { undoHostStep, type UndoHostWork, type UndoNeeds } from '../../activities/ssh/undo-step.js';
import type { JournalClaim } from '../../activities/ssh/session.js';
import type { UndoResult, UndoTask } from '../../model/record.js';
import { step } from '../database/example.js';

const did: JournalClaim = { part: 'do', attempt: 1, state: 'exited', code: 0 } as JournalClaim;

/** A step that goes back by another one, taken back on a host whose journal has these claims. */
async function goesBack(
  record: Partial<UndoTask>,
  claims: readonly JournalClaim[],
  will: UndoHostWork['takers'][number]['will'] = 'act',
  bootId = 'b',
): Promise<{ readonly results: UndoResult[]; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const used = step('used', ['a'], { owes: [], undo: { how: 'by', by: ['kept'] } });
  const work = {
    destination: {},
    operation: { on: 'host', do: { text: 'true' } },
    intents: [{ nonce: 'n', bootId: 'b' }],
    turn: 0,
    record: { host: 'a', attempt: 1, intent: true, acted: true, state: 'changed', leaseKept: true, ...record },
    takers: [{ step: 'kept', name: 'It is kept', will }],
  };
  const session = {
    nonce: 'n',
    bootId,
    facts: {},
    quiet: async (task: string) => void asked.push(`quiet ${task}`),
    look: async (task: string) => (asked.push(`look ${task}`), { claims }),
    run: async () => Promise.reject(new Error('nothing is to run on the host')),
  };
  const needs = {
    readUndoWork: async () => ({ step: used, hosts: new Map([['a', work]]) }),
    beginUndoAttempts: async () => [{ host: 'a', holder: 7 }],
    writeIntents: async () => undefined,
    writeUndoResults: async (_run: string, _undo: number, results: readonly UndoResult[]) =>
      void asked.push(`write ${results.map(({ outcome }) => outcome).join()}`),
    sessions: { open: async () => session },
    render: async () => ({ when: true, values: {} }),
    filler: async () => ({}),
  } as unknown as UndoNeeds;
  const request = { run: 'run-abcdefgh', undo: 1, phase: 0, wave: 0, step: 'used', hosts: ['a'] };
  const results = (await new MockActivityEnvironment().run(async () => undoHostStep(needs, request))) as UndoResult[];
  return { results, asked };
}

describe('a step that goes back with an earlier one', () => {
  it('has ended on its host before it is left to that one, and nothing else runs there', async () => {
    const { results, asked } = await goesBack({ ending: 'done' }, [did]);
    expect(asked).toEqual(['quiet run-abcdefgh.used', 'look run-abcdefgh.used', 'write left']);
    expect(results).toMatchObject([
      {
        outcome: 'left',
        failure: {
          kind: 'undo/with-another',
          tried: 'to undo Step used is so (used) on a',
          known: 'it goes back with It is kept (kept), and that has not gone back yet',
        },
      },
    ]);
  });

  it.each(['stay', 'nothing'] as const)('is left for good where that one will %s', async (will) => {
    const { results } = await goesBack({ ending: 'done' }, [did], will);
    expect(results).toMatchObject([{ outcome: 'left', failure: { kind: 'undo/impossible' } }]);
  });

  it('is undone by itself where it never began, and says that nothing was taken back', async () => {
    expect((await goesBack({}, [])).results).toMatchObject([{ outcome: 'undone', idle: true }]);
  });

  it('is undone by itself where it had refused', async () => {
    const { results } = await goesBack({ ending: 'refused', acted: false }, [did]);
    expect(results).toEqual([
      { step: 'used', host: 'a', holder: 7, outcome: 'undone', summary: 'it had refused; nothing was changed' },
    ]);
  });

  it.each([
    ['by that attempt', [did]],
    ['by that one and the one that refused', [did, { ...did, attempt: 2 }]],
  ])('is not undone by having refused where an earlier attempt may have acted: claimed %s', async (_by, claims) => {
    const { results } = await goesBack({ ending: 'refused', acted: true, attempt: 2 }, claims);
    expect(results).toMatchObject([{ outcome: 'left', failure: { kind: 'undo/with-another' } }]);
  });

  it('is undone by itself where it had refused each time', async () => {
    const { results } = await goesBack({ ending: 'refused', acted: false, attempt: 2 }, [did, { ...did, attempt: 2 }]);
    expect(results).toMatchObject([{ outcome: 'undone', summary: 'it had refused; nothing was changed' }]);
  });

  it.each([
    ['nobody has said how it ended', undefined],
    ['its outcome was left unknown', 'unknown'],
    ['its effect was read back', 'done'],
  ] as const)('may have begun where a power cut took its claim: %s', async (_what, ending) => {
    const record = ending === undefined ? {} : { ending };
    expect((await goesBack(record, [], 'act', 'another')).results).toMatchObject([{ outcome: 'left' }]);
  });

  it('never began where the host has restarted since, and nothing was tried there but what refused', async () => {
    const { results } = await goesBack({ ending: 'refused', acted: false }, [], 'act', 'another');
    expect(results).toMatchObject([{ outcome: 'undone', summary: 'it never began on this host' }]);
  });
});
