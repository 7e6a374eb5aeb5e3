import { asserted } from '../../model/expression/assertion.js';
import type { Operation } from '../../model/operation.js';
import type { Intent, Result, UndoResult } from '../../model/record.js';
import type { EarlierIntent } from '../../model/task/beginning.js';
import type { AwayNeeds, AwayWork } from '../../model/task/away-needs.js';
import { holdsSecret, type Text } from '../../model/value.js';

/** Records in memory that keep the database's promises, for steps that the worker carries out itself. */
export interface Records<O extends Operation> {
  readonly needs: AwayNeeds<O>;
  readonly intents: Intent[];
  readonly results: Result[];
  readonly undone: UndoResult[];
  readonly cancel: AbortController;
  announce(intent: Intent): void;
  /** Takes the host for somebody else. */
  takeHost(): void;
}

export function recordsOf<O extends Operation>(
  operation: O,
  secrets: Readonly<Record<string, string>>,
  own: { repeatable: boolean; seconds: number },
): Records<O> {
  const [intents, results, undone]: [Intent[], Result[], UndoResult[]] = [[], [], []];
  const step = { reads: false, register: {}, assert: [], ...own };
  const cancel = new AbortController();
  let holder = 1;
  const endingOf = ({ attempt, host }: Intent): Result['ending'] | undefined =>
    results.find((one) => one.attempt === attempt && one.host === host)?.ending;
  const earlier = (one: Intent): EarlierIntent => {
    const ending = endingOf(one);
    return { attempt: one.attempt, nonce: '', bootId: '', ...(ending ? { ending } : {}) };
  };
  const work = (hosts: readonly string[]): ReadonlyMap<string, AwayWork<O>> =>
    new Map(
      hosts.map((host) => [host, { operation, intents: intents.filter((one) => one.host === host).map(earlier) }]),
    );
  const needs: AwayNeeds<O> = {
    alive: () => ({ cancelled: cancel.signal, unlessDetached: async (one) => one, end: () => undefined }),
    now: () => performance.now(),
    readStep: async ({ hosts }) => ({ name: 'It is so', ...step, hosts: work(hosts.map(({ host }) => host)) }),
    beginAttempts: async (_run, _step, hosts) =>
      hosts.map((one) => {
        const result = results.find((old) => old.host === one.host && old.attempt === one.attempt);
        return { ...one, holder: ++holder, ...(result ? { result } : {}) };
      }),
    values: async () => ({
      when: true,
      fill: (text: Text) => ({ value: fill(text, secrets), secret: holdsSecret(text) }),
      secrets: Object.values(secrets),
    }),
    holds: async (_task, mine) => mine === holder,
    assert: async (_task, expression, registered) => asserted(expression, {}, 'it', registered),
    writeResults: async (more) => void results.push(...more),
    readUndo: async ({ hosts }) => ({ name: 'It is so', ...step, hosts: work(hosts) }),
    beginUndoAttempts: async (_run, _undo, _step, hosts) =>
      hosts.map((host) => ({ host, attempt: 1, holder: ++holder })),
    announceUndo: async () => undefined,
    writeUndoResults: async (_run, _undo, more) => void undone.push(...more),
  };
  return {
    needs,
    intents,
    results,
    undone,
    cancel,
    announce: (intent) => void intents.push(intent),
    takeHost: () => void holder++,
  };
}

/** A tiny stand-in for expressions: a hole is a secret's name. */
function fill(text: Text, secrets: Readonly<Record<string, string>>): string {
  if (typeof text === 'string') return text;
  return text.template
    .map((piece) => (typeof piece === 'string' ? piece : (secrets[piece.expression.replace('secret.', '')] ?? '')))
    .join('');
}
