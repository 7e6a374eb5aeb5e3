import type { LdapActivities } from '../../activities/ldap/activities.js';
import { createLdapActivities } from '../../activities/ldap/activities.js';
import type { LdapNeeds } from '../../activities/ldap/needs.js';
import { asserted } from '../../model/expression/assertion.js';
import type { LdapOperation } from '../../model/operation.js';
import type { Intent, Result, Standing, UndoResult } from '../../model/record.js';
import type { AwayStepWork } from '../../model/task/away-needs.js';
import { setInJson } from '../../model/transforms/json-text.js';
import { holdsSecret, type Text } from '../../model/value.js';

/** What the rest of Belay is to a directory activity: records in memory that keep the database's promises. */
export interface World {
  readonly activities: LdapActivities;
  readonly results: Result[];
  readonly undone: UndoResult[];
  readonly intents: Intent[];
  readonly cancel: AbortController;
  /** Called at the named moments; throw there to die there. */
  readonly on: { values: () => unknown; intent: () => unknown; send: () => unknown; result: () => unknown };
  /** Everything that was written down or handed back, as text. */
  told(): string;
  /** Takes the host for somebody else. */
  takeHost(host?: string): void;
  run(attempt?: number, hosts?: string[]): Promise<Standing[]>;
  undo(hosts?: string[]): Promise<UndoResult[]>;
}

export function makeWorld(
  operation: LdapOperation,
  secrets: Readonly<Record<string, string>>,
  limits: Partial<LdapNeeds['limits']> = {},
  none?: string,
  seconds = 60,
  proof: Partial<Pick<AwayStepWork<LdapOperation>, 'register' | 'assert'>> = {},
): World {
  const [results, undone, intents, told]: [Result[], UndoResult[], Intent[], unknown[]] = [[], [], [], []];
  const preImages = new Map<string, { attempt: number; sealed: Uint8Array }>();
  const cancel = new AbortController();
  const on: World['on'] = {
    values: () => undefined,
    intent: () => undefined,
    send: () => undefined,
    result: () => undefined,
  };
  const holders = new Map<string, number>();
  const take = (host: string): number => {
    holders.set(host, (holders.get(host) ?? 0) + 1);
    return holders.get(host) ?? 0;
  };
  const work = (hosts: readonly string[]): ReadonlyMap<string, { operation: LdapOperation; intents: never[] }> =>
    new Map(
      hosts.map((host) => [
        host,
        {
          operation,
          intents: intents.filter((one) => one.host === host).map((one) => ({ ...one, ...endingOf(one) })) as never[],
        },
      ]),
    );
  const endingOf = (intent: Intent): object => {
    const result = results.find((one) => one.host === intent.host && one.attempt === intent.attempt);
    return result ? { ending: result.ending } : {};
  };
  /** As the database decides it: the pre-image stands from the first attempt on that may have changed something. */
  const mayHaveActed = ({ host, attempt }: Intent): boolean =>
    preImages.get(host)?.attempt === attempt ||
    intents.some(
      (one) =>
        one.host === host &&
        one.attempt < attempt &&
        !['refused', 'unreachable', 'ok'].includes(String((endingOf(one) as Result).ending)),
    );
  const step = { name: 'Gluu uses Redis', reads: false, repeatable: true, seconds, register: {}, assert: [], ...proof };
  const needs: LdapNeeds = {
    alive: () => ({ cancelled: cancel.signal, unlessDetached: async (one) => one, end: () => undefined }),
    now: () => performance.now(),
    readStep: async ({ hosts }) => ({ ...step, hosts: work(hosts.map((one) => one.host)) }),
    beginAttempts: async (_run, _step, hosts) =>
      hosts.map((one) => {
        const result = results.find((old) => old.host === one.host && old.attempt === one.attempt);
        return { ...one, holder: take(one.host), ...(result ? { result } : {}) };
      }),
    values: async () => {
      await on.values();
      const filled = (text: Text): { value: string; secret: boolean } => ({
        value: fill(text, secrets),
        secret: holdsSecret(text),
      });
      return { when: true, fill: filled, secrets: Object.values(secrets) };
    },
    holds: async ({ host }, mine) => {
      const holds = mine === holders.get(host);
      await on.send();
      return holds;
    },
    keepPreImage: async (intent, sealed) => {
      if (!intents.some((one) => one.host === intent.host && one.attempt === intent.attempt)) intents.push(intent);
      if (!mayHaveActed(intent)) preImages.delete(intent.host);
      const standing = preImages.get(intent.host) ?? { attempt: intent.attempt, sealed };
      preImages.set(intent.host, standing);
      told.push(intent);
      await on.intent();
      return standing.sealed;
    },
    readPreImage: async ({ host }) => preImages.get(host)?.sealed,
    seal: async (value) => Buffer.from(value).map((byte) => byte ^ 0x5a),
    open: async (sealed) => Buffer.from(sealed).map((byte) => byte ^ 0x5a),
    assert: async (_task, expression, registered) => asserted(expression, {}, 'it', registered),
    writeResults: async (more) => {
      await on.result();
      results.push(...more);
    },
    setInJson,
    readUndo: async ({ hosts }) => ({
      ...step,
      hosts: work(hosts),
      ...(none === undefined ? {} : { none }),
    }),
    beginUndoAttempts: async (_run, _undo, _step, hosts) =>
      hosts.map((host) => ({ host, attempt: 1, holder: take(host) })),
    announceUndo: async () => undefined,
    writeUndoResults: async (_run, _undo, more) => void undone.push(...more),
    limits: { connect: 5000, request: 5000, outcome: 20_000, ...limits },
  };
  const activities = createLdapActivities(needs);
  const telling = async <T>(answer: Promise<T>): Promise<T> =>
    answer.then(
      (value) => (told.push(value), value),
      (error: unknown) => {
        told.push(String(error), (error as Error).stack, JSON.stringify(error));
        throw error;
      },
    );
  return {
    activities,
    results,
    undone,
    intents,
    cancel,
    on,
    told: () => JSON.stringify([told, results, undone]),
    takeHost: (host = 'directory') => void take(host),
    run: async (attempt = 1, hosts = ['directory']) =>
      telling(
        activities.runLdapStep({
          run: 'r1',
          phase: 0,
          wave: 0,
          step: 'cache',
          hosts: hosts.map((host) => ({ host, attempt })),
        }),
      ),
    undo: async (hosts = ['directory']) =>
      telling(activities.undoLdapStep({ run: 'r1', undo: 1, phase: 0, wave: 0, step: 'cache', hosts })),
  };
}

/** A tiny stand-in for expressions: a hole is a secret's name. */
export function fill(text: Text, secrets: Readonly<Record<string, string>>): string {
  if (typeof text === 'string') return text;
  return text.template
    .map((piece) => (typeof piece === 'string' ? piece : (secrets[piece.expression.replace('secret.', '')] ?? '')))
    .join('');
}
