import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seal } from '../../activities/certificates/seal.js';
import { startStack, type Stack } from '../../apps/cli/up/stack.js';
import type { Lab } from '../../lab/lab.js';
import type { PlanAnswer, RunAnswer, TasksAnswer, VerbAnswer } from '../../model/answers.js';
import type { RunEvent, Verb, VerbArguments } from '../../model/record.js';
import { finalStates, type RunState } from '../../model/states.js';

/** The folder of a runbook that these tests run. */
export const cases = (name: string): string => `test/cases/end-to-end/${name}`;

/** The whole of Belay, running, with the words that a test says to it. Everything goes through the API. */
export interface Belay {
  readonly stack: Stack;
  readonly data: string;
  /** A runbook is a folder with a `runbook.yaml`, or a file beside others. */
  plan(runbook: string, inputs?: Readonly<Record<string, unknown>>, inventory?: string): Promise<PlanAnswer>;
  /** Starts a run of a plan and returns its name at once. */
  start(plan: string, options?: { readonly wait?: boolean }): Promise<string>;
  run(run: string): Promise<RunAnswer>;
  tasks(run: string): Promise<TasksAnswer['tasks']>;
  /** The state of each task, by `step@host`. */
  states(run: string): Promise<Record<string, string>>;
  events(run: string): Promise<RunEvent[]>;
  output(run: string, step: string, host: string, query?: string): Promise<Buffer>;
  say(run: string, verb: Verb, args?: VerbArguments): Promise<VerbAnswer>;
  approve(run: string, phase: number): Promise<VerbAnswer>;
  /** Waits until the run stands in one of `states`; fails with its events where it ends otherwise. */
  until(run: string, states: readonly RunState[], seconds?: number): Promise<RunAnswer>;
  /** @param as - `next`: to become the current value of what is stored already */
  keepSecret(name: string, value: Uint8Array | string, as?: 'next'): Promise<void>;
  request(path: string, request?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/**
 * Starts Belay in a folder of its own, with the key of the lab's hosts in its store.
 *
 * @param data - the folder, where it must be a certain one
 * @param start - of another version of Belay
 */
export async function startBelay(
  lab?: Lab,
  environment: Readonly<Record<string, string>> = {},
  data = mkdtempSync(join(tmpdir(), 'belay-test-')),
  start: StartStack = startStack,
): Promise<Belay> {
  Object.assign(process.env, environment);
  const belay = await belayAgain(data, lab, start);
  if (lab) await belay.keepSecret('lab-key', readFileSync(lab.keyFile));
  if (lab?.directory) await belay.keepSecret('directory-password', readFileSync(lab.directory.passwordFile));
  return belay;
}

/** How a version of Belay starts its processes: this one's own way, or that of a build which lies elsewhere. */
export type StartStack = typeof startStack;

/** Starts Belay where its data lie already, as after a stop. */
export async function belayAgain(data: string, lab?: Lab, start: StartStack = startStack): Promise<Belay> {
  const said: string[] = [];
  const stack = await start({ data, log: (line) => void said.push(line) }).catch((error: unknown) => {
    throw new Error(`Belay did not start: ${said.join('; ')}`, { cause: error });
  });
  return speaking(stack, data, lab);
}

function speaking(stack: Stack, data: string, lab: Lab | undefined): Belay {
  const request = async (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${stack.api}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${stack.token}`,
        'belay-user': 'tester',
        ...(init.body ? { 'content-type': 'application/json' } : {}),
        ...init.headers,
      },
    });
  const ask = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await request(path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const post = async <T>(path: string, body: unknown): Promise<T> =>
    ask<T>(path, { method: 'POST', body: JSON.stringify(body), headers: { 'idempotency-key': randomUUID() } });
  const belay: Belay = {
    stack,
    data,
    request,
    plan: async (runbook, inputs = {}, inventory = lab?.inventoryFile ?? '') =>
      post('/v1/plans', planBody(runbook, inventory, inputs)),
    start: async (plan, options = {}) => (await post<{ run: string }>('/v1/runs', { plan, ...options })).run,
    run: async (run) => ask(`/v1/runs/${run}`),
    tasks: async (run) => (await ask<TasksAnswer>(`/v1/runs/${run}/tasks`)).tasks,
    states: async (run) =>
      Object.fromEntries((await belay.tasks(run)).map((task) => [`${task.step}@${task.host}`, task.state])),
    events: async (run) => allEvents(ask, run),
    output: async (run, step, host, query = '') =>
      Buffer.from(await (await request(`/v1/runs/${run}/tasks/${step}/${host}/output${query}`)).arrayBuffer()),
    say: async (run, verb, args = {}) => post(`/v1/runs/${run}/verbs`, { verb, arguments: args }),
    approve: async (run, phase) => belay.say(run, 'approve', { phase, planHash: (await belay.run(run)).planHash }),
    until: async (run, states, seconds = 60) => until(belay, run, states, seconds),
    keepSecret: async (name, value, as) => {
      const { recipient } = await ask<{ recipient: string }>('/v1/secrets/recipient');
      const sealed = await seal(Buffer.from(value), recipient);
      await ask(`/v1/secrets/${name}${as === undefined ? '' : '/next'}`, {
        method: 'PUT',
        body: JSON.stringify({ sealed: Buffer.from(sealed).toString('base64') }),
      });
    },
    stop: async () => {
      await stack.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return belay;
}

function planBody(written: string, inventory: string, inputs: Readonly<Record<string, unknown>>): unknown {
  const isFile = written.endsWith('.yaml');
  const [folder, runbook] = isFile ? [dirname(written), basename(written)] : [written, 'runbook.yaml'];
  const files = Object.fromEntries(
    filesIn(folder).map((path) => [relative(folder, path), { base64: readFileSync(path).toString('base64') }]),
  );
  const name = basename(inventory);
  return {
    files: { ...files, [name]: readFileSync(inventory, 'utf8') },
    runbook,
    inventory: name,
    inputs,
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

async function allEvents(ask: <T>(path: string) => Promise<T>, run: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.sequence ?? 0;
    const page = (await ask<{ events: RunEvent[] }>(`/v1/runs/${run}/events?after=${after}&limit=1000`)).events;
    if (page.length === 0) return events;
    events.push(...page);
  }
}

async function until(belay: Belay, run: string, states: readonly RunState[], seconds: number): Promise<RunAnswer> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const now = await belay.run(run).catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
      return undefined;
    });
    if (now && states.includes(now.state)) return now;
    if (now && (finalStates.includes(now.state) || Date.now() > deadline))
      throw new Error(await story(belay, run, now, states));
    await sleep(100);
  }
}

async function story(belay: Belay, run: string, now: RunAnswer, wanted: readonly RunState[]): Promise<string> {
  const failed = (await belay.tasks(run))
    .filter((task) => task.failure)
    .map((task) => `${task.step} on ${task.host}: ${JSON.stringify(task.failure)}`);
  const last = (await belay.events(run))
    .slice(-12)
    .map((event) => `${event.sequence} ${event.kind} ${JSON.stringify(event.data)}`);
  return [
    `${run} is ${now.state} ${JSON.stringify(now.standing)}, not ${wanted.join(' or ')}`,
    ...failed,
    ...last,
  ].join('\n');
}
