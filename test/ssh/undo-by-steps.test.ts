import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../activities/ssh/attempt.js';
import type { JournalClaim, PartEnd, PartRequest } from '../../activities/ssh/session.js';
import { undoBySteps } from '../../activities/ssh/undo-by-steps.js';
import type { WentBack } from '../../activities/ssh/undo-step.js';
import { createMasker } from '../../model/mask.js';
import { step } from '../database/example.js';

const exited = (code: number): PartEnd => ({ how: 'exited', code, milliseconds: 1 });

/** A claim of an earlier try of the author's step. */
function tried(state: JournalClaim['state'], attempt: number, code?: number): JournalClaim {
  return { part: 'do', attempt, holder: 1, bootId: 'b', state, ...(code === undefined ? {} : { code }) };
}

interface Case {
  readonly claims: readonly JournalClaim[];
  /** Whether what it does is there when it is read back, once for each time; without it, it has no verify. */
  readonly verified?: readonly boolean[];
  readonly repeatable?: boolean;
  readonly retried?: boolean;
}

/** Takes a step back by one of the author's on a host whose journal has these claims, and says which tries began there. */
async function goesBack({ claims, verified, repeatable = false, retried = false }: Case): Promise<{
  readonly wentBack: WentBack;
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
    look: async () => ({ claims: [...claims, ...began.map((attempt) => tried('exited', attempt, 0))] }),
    run: async ({ part, attempt }: PartRequest) => {
      if (part !== 'do') return exited(proofs.shift() === true ? 0 : 1);
      began.push(attempt);
      return exited(0);
    },
    follow: async ({ attempt }: { attempt: number }) => endOf(claims.find((claim) => claim.attempt === attempt)!),
    output: async () => new Uint8Array(),
  };
  const filler = { fill: (value: string) => ({ value, secret: false }), secrets: [] };
  const attempt = {
    name: { run: 'run-abcdefgh', step: 'it', host: 'a' },
    undo: 1,
    step: step('it', ['a']),
    attempt: 0,
    holder: 7,
    work: { intents: [], turn: 0 },
    session,
    needs: {
      render: async () => ({ when: true, values: {} }),
      filler: async () => filler,
      masker: createMasker,
      limits: { outcome: 1, look: 1, output: 1 },
    },
    signal: new AbortController().signal,
    detached: new AbortController().signal,
  } as unknown as Attempt;
  return { wentBack: await undoBySteps(attempt, [gone], retried), began };
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
    ['a person has said so', { retried: true }],
    ['it may be repeated', { repeatable: true }],
  ])('is tried again where its last try died and %s', async (_why, more) => {
    const claims = [tried('dead', 1)];
    expect(await goesBack({ claims, ...more })).toMatchObject({ began: [2], wentBack: { outcome: 'undone' } });
    expect((await goesBack({ claims, verified: [true], ...more })).began).toEqual([]);
  });
});
