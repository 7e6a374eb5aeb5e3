import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeDatabase, openDatabase } from '../../../database/connect.js';
import { storePlan } from '../../../database/plans.js';
import { planHash } from '../../../model/compile/hash.js';
import type { Plan } from '../../../model/plan.js';
import type { RunEvent, Verb, VerbArguments } from '../../../model/record.js';
import type { RunState } from '../../../model/states.js';
import type { Chance } from '../chance.js';
import type { Ground } from './ground.js';
import { smallPlan } from './small-plan.js';

/** One fault, and how a run must come through it. */
export interface Fault {
  readonly group: string;
  readonly name: string;
  /** Seconds that each part takes of the steps `first` and `third`; a part must last where it is to be struck. */
  readonly pace?: number;
  /** How many times the `do` of `first` prints some pages, a tenth of a second apart. */
  readonly talks?: number;
  /** The hosts that are struck, where others go on meanwhile: these must go on after the repair. */
  readonly hosts?: readonly string[];
  /** Whether the run may come to its end before the world is whole again: it does not need what is struck, or is at its end. */
  readonly mayEnd?: boolean;
  /** Where it is to be tried on another layout than `belay up` has by itself. */
  readonly layout?: 'production';
  /** Whether the run is to be undone, and struck while it goes back. */
  readonly goal?: 'undone';
  /** The states in which it may end; by default the one that was aimed at. */
  readonly ends?: readonly RunState[];
  /**
   * Strikes, makes the world whole again, and says by what it is known that the fault has fired.
   *
   * @throws Error where it has not
   */
  strike(scene: Scene): Promise<string>;
}

/** A run under way, and what a fault may do and see. */
export interface Scene {
  readonly ground: Ground;
  readonly chance: Chance;
  readonly run: string;
  /** What the directory is to say after the run. */
  readonly mark: string;
  /** Seconds for which something is away. */
  readonly away: number;
  /** Waits until this part of a step has begun on a host. */
  begun(part: string, step?: string, host?: string, seconds?: number): Promise<void>;
  /** Waits for an event of a step. */
  event(kind: string, step: string): Promise<void>;
  say(verb: Verb, args?: VerbArguments): Promise<void>;
  /** From here on the world is whole again; where that is never said, it is so when the fault has struck. */
  repaired(): void;
}

export async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not so after ${String(seconds)} s`);
    await sleep(10);
  }
}

/** Asks the API until it answers; with one idempotency key, so that nothing happens twice. */
export async function insist<T>(ground: Ground, path: string, body: unknown): Promise<{ status: number; answer: T }> {
  const headers = { 'idempotency-key': randomUUID() };
  for (const deadline = Date.now() + 120_000; ;) {
    try {
      const response = await ground.belay.request(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers,
        signal: AbortSignal.timeout(10_000),
      });
      const answer = (await response.json()) as T;
      if (response.status < 500) return { status: response.status, answer };
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(200);
  }
}

/** The plan of the suite's runbook. @param mark - what the directory is to say after a run of it */
export async function planOf({ belay, lab, inventory }: Ground, mark: string): Promise<Plan> {
  return (await belay.plan('test/cases/chaos', { mark, manager: lab.directory!.manager }, inventory)).plan;
}

/** Starts a run beside, or after, that of the scene. @param more - what its mark has besides */
export async function startAnother({ ground, mark }: Scene, more: string): Promise<string> {
  return start(ground, smallPlan(await planOf(ground, `${mark}-${more}`)));
}

/** Keeps the plan and starts a run of it, as people do. */
export async function start(ground: Ground, plan: Plan): Promise<string> {
  const hash = planHash(plan, (bytes) => createHash('sha256').update(bytes).digest('hex'));
  const database = await openDatabase(ground.belay.stack.databaseUrl);
  await storePlan(database, plan, hash).finally(async () => closeDatabase(database));
  const { status, answer } = await insist<{ run: string }>(ground, '/v1/runs', { plan: hash });
  if (status >= 300) throw new Error(`the run was not started: ${JSON.stringify(answer)}`);
  ground.acknowledge('run', answer.run);
  return answer.run;
}

/** Says a word to a run; refusal is an answer too. */
export async function say(ground: Ground, run: string, verb: Verb, args: VerbArguments = {}): Promise<void> {
  const { answer } = await insist<{ id?: string }>(ground, `/v1/runs/${run}/verbs`, { verb, arguments: args });
  if (answer.id !== undefined) ground.acknowledge('verb', answer.id);
}

export async function eventsAfter(ground: Ground, run: string, after: number): Promise<RunEvent[]> {
  const response = await ground.belay.request(`/v1/runs/${run}/events?after=${String(after)}&limit=1000`, {
    signal: AbortSignal.timeout(5000),
  });
  return response.ok ? ((await response.json()) as { events: RunEvent[] }).events : [];
}

export function sceneOf(
  common: Pick<Scene, 'ground' | 'chance' | 'run' | 'mark' | 'away'>,
  repaired: () => void,
): Scene {
  const { ground, run } = common;
  return {
    ...common,
    repaired,
    begun: async (part, step = 'first', host = 'node1', seconds = 60) => {
      const line = new RegExp(`^\\d+ ${run}\\.${step} ${part} \\d+ begin$`, 'm');
      const begun = (): boolean => line.test(readFileSync(ground.ledger(host), 'utf8'));
      await until(`${part} of ${step} has begun on ${host}`, begun, seconds);
    },
    event: async (kind, step) =>
      until(`${kind} of ${step}`, async () =>
        (await eventsAfter(ground, run, 0)).some((one) => one.kind === kind && one.data['step'] === step),
      ),
    say: async (verb, args) => say(ground, run, verb, args),
  };
}
