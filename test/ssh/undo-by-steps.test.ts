import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import type { JournalClaim, PartEnd, PartRequest } from '../../activities/ssh/session.js';
import { undoHostStep, type UndoNeeds, type UndoRequest } from '../../activities/ssh/undo-step.js';
import { createMasker } from '../../model/mask.js';
import type { UndoResult } from '../../model/record.js';
import { step } from '../database/example.js';

const exited = (code: number): PartEnd => ({ how: 'exited', code, milliseconds: 1 });

/** A claim of an earlier try of the author's step. */
function tried(state: JournalClaim['state'], attempt: number, code?: number): JournalClaim {
  return { part: 'do', attempt, holder: 1, bootId: 'b', state, ...(code === undefined ? {} : { code }) };
}

const did = tried('exited', 1, 0);

interface Case {
  readonly claims: readonly JournalClaim[];
  /** Whether what it does is there when it is read back, once for each time; without it, it has no verify. */
  readonly verified?: readonly boolean[];
  readonly repeatable?: boolean;
  readonly request?: Pick<UndoRequest, 'retried' | 'passedOn'>;
  /** Which try of the activity it is, as Temporal counts. */
  readonly activity?: number;
}

/** Takes a step back by one of the author's on a host whose journal has these claims, and says which tries began there. */
async function goesBack({ claims, verified, repeatable = false, request = {}, activity = 1 }: Case): Promise<{
  readonly wentBack: UndoResult | undefined;
  readonly began: readonly number[];
}> {
  const began: number[] = [];
  const proofs = [...(verified ?? [])];
  const verify = verified === undefined ? {} : { verify: { text: 'test ! -e it' } };
  const gone = step('gone', ['a'], {
    repeatable,
    undo: { how: 'nothing' },
    operations: [{ on: 'host', do: { text: 'rm it' }, ...verify }],
  });
  const endOf = ({ state, code = 0 }: JournalClaim): PartEnd =>
    state === 'exited' ? exited(code) : { how: state === 'timed-out' ? state : 'cancelled', milliseconds: 1 };
  const session = {
    nonce: 'n',
    bootId: 'b',
    facts: {},
    quiet: async () => undefined,
    look: async (task: string) => ({
      claims: task.endsWith('.it') ? [did] : [...claims, ...began.map((attempt) => tried('exited', attempt, 0))],
    }),
    run: async ({ part, attempt }: PartRequest) => {
      if (part !== 'do') return exited(proofs.shift() === true ? 0 : 1);
      began.push(attempt);
      return exited(0);
    },
    follow: async ({ attempt }: { attempt: number }) => endOf(claims.find((claim) => claim.attempt === attempt)!),
    output: async () => new Uint8Array(),
  };
  const filler = { fill: (value: string) => ({ value, secret: false }), secrets: [] };
  const work = {
    destination: {},
    operation: { on: 'host', do: { text: 'touch it' } },
    intents: [{ nonce: 'n', bootId: 'b' }],
    turn: 0,
    record: { host: 'a', attempt: 1, intent: true, acted: true, state: 'changed', leaseKept: true, ending: 'done' },
    takers: [],
  };
  const needs = {
    readUndoWork: async () => ({
      step: step('it', ['a'], { undo: { how: 'steps', steps: [gone] } }),
      hosts: new Map([['a', work]]),
    }),
    beginUndoAttempts: async () => [{ host: 'a', holder: 7 }],
    writeIntents: async () => undefined,
    writeUndoResults: async () => undefined,
    sessions: { open: async () => session },
    render: async () => ({ when: true, values: {} }),
    filler: async () => filler,
    masker: createMasker,
    limits: { outcome: 1, look: 1, output: 1 },
  } as unknown as UndoNeeds;
  const asked = { run: 'run-abcdefgh', undo: 1, phase: 0, wave: 0, step: 'it', hosts: ['a'], ...request };
  const results = (await new MockActivityEnvironment({ attempt: activity }).run(async () =>
    undoHostStep(needs, asked),
  )) as UndoResult[];
  return { wentBack: results[0], began };
}

describe('an author’s step that takes another one back', () => {
  it('begins with its first try', async () => {
    expect(await goesBack({ claims: [] })).toMatchObject({ began: [1], wentBack: { outcome: 'undone' } });
  });

  it.each([
    ['exited with another code', tried('exited', 3, 1)],
    ['timed out', tried('timed-out', 3)],
    ['was cancelled', tried('cancelled', 3)],
  ])('is tried again where its last try %s', async (_how, claim) => {
    expect(await goesBack({ claims: [claim] })).toMatchObject({ began: [4], wentBack: { outcome: 'undone' } });
  });

  it('is not done twice where its last try went well', async () => {
    const claims = [tried('timed-out', 1), tried('exited', 2, 0)];
    expect(await goesBack({ claims })).toMatchObject({ began: [], wentBack: { outcome: 'undone' } });
    const read = await goesBack({ claims, verified: [true] });
    expect(read).toMatchObject({ began: [], wentBack: { outcome: 'undone' } });
  });

  it('is tried again where its last try went well, and what it did is not there', async () => {
    const claims = [tried('exited', 1, 0)];
    const back = await goesBack({ claims, verified: [false, true] });
    expect(back).toMatchObject({ began: [2], wentBack: { outcome: 'undone' } });
    const still = await goesBack({ claims, verified: [false, false] });
    expect(still).toMatchObject({ began: [2], wentBack: { outcome: 'undo_failed' } });
  });

  it('is left to a person where its last try died and nobody knows what it did', async () => {
    const { wentBack, began } = await goesBack({ claims: [tried('dead', 1)] });
    expect(began).toEqual([]);
    expect(wentBack).toMatchObject({ outcome: 'decide', failure: { kind: 'step/outcome-unknown' } });
  });

  it.each([
    ['a person has said so', { request: { retried: ['a'] } }],
    ['it may be repeated', { repeatable: true }],
  ])('is tried again where its last try died and %s', async (_why, more) => {
    const claims = [tried('dead', 1)];
    expect(await goesBack({ claims, ...more })).toMatchObject({ began: [2], wentBack: { outcome: 'undone' } });
    expect((await goesBack({ claims, verified: [true], ...more })).began).toEqual([]);
  });

  it.each([
    ['of another host', { request: { retried: ['b'] } }],
    ['before a worker died over it', { request: { retried: ['a'] }, activity: 2 }],
    ['before another worker was asked', { request: { retried: ['a'], passedOn: true } }],
  ] as const)(
    'is not tried again where its last try died, and what a person has said was said %s',
    async (_when, more) => {
      const { wentBack, began } = await goesBack({ claims: [tried('dead', 1)], ...more });
      expect(began).toEqual([]);
      expect(wentBack).toMatchObject({ outcome: 'decide' });
    },
  );
});
