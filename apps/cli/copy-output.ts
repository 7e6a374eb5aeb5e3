import type { RunAnswer, TasksAnswer } from '../../model/answers.js';
import { finalStates } from '../../model/states.js';
import { Refused, type ApiClient } from './api-client.js';
import { Stop } from './stop.js';
import { visible } from './visible.js';
import type { World } from './world.js';

export interface OutputWish {
  readonly run: string;
  readonly step: string;
  readonly host: string;
  readonly stream: 'stdout' | 'stderr';
  readonly part: string;
  readonly attempt?: number;
  readonly follow?: boolean;
}

/** Milliseconds between two looks at output that is still being written. */
const pace = 400;

/**
 * Copies a task's output to standard output; with `follow` until the task has ended and all of it was copied. A new
 * attempt begins a new stream.
 *
 * @param harmless - show control characters instead of passing them on
 */
export async function copyOutput(world: World, client: ApiClient, wish: OutputWish, harmless: boolean): Promise<void> {
  const decoder = new TextDecoder();
  let at = 0;
  let attempt = wish.attempt;
  for (let goesOn = true; goesOn && !world.interrupted.aborted;) {
    const task = wish.follow === true ? await standing(client, wish) : undefined;
    goesOn = task?.goesOn ?? false;
    if (task !== undefined && wish.attempt === undefined && task.attempt !== attempt) [attempt, at] = [task.attempt, 0];
    const from = attempt === undefined || attempt === 0 ? wish : { ...wish, attempt };
    for await (const bytes of outputFrom(client, from, at)) {
      at += bytes.length;
      await written(world, harmless ? visible(decoder.decode(bytes, { stream: true })) : bytes);
    }
    if (goesOn) await pause(pace, world.interrupted);
  }
}

/** The bytes of a stream from `at` on; none where there are none yet. */
export async function* outputFrom(client: ApiClient, wish: OutputWish, at: number): AsyncGenerator<Uint8Array> {
  const query = new URLSearchParams({ stream: wish.stream, part: wish.part });
  if (wish.attempt !== undefined) query.set('attempt', String(wish.attempt));
  const place = [wish.step, wish.host].map(encodeURIComponent).join('/');
  try {
    const path = `/v1/runs/${wish.run}/tasks/${place}/output?${query}`;
    const answer = await client.send(path, at === 0 ? {} : { headers: { range: `bytes=${at}-` } });
    for await (const bytes of answer.body ?? []) yield bytes as Uint8Array;
  } catch (error) {
    if (!(error instanceof Refused) || error.problem.kind !== 'request/range') throw error;
  }
}

async function standing(client: ApiClient, wish: OutputWish): Promise<{ attempt: number; goesOn: boolean }> {
  const { tasks } = await client.get<TasksAnswer>(`/v1/runs/${wish.run}/tasks`);
  const task = tasks.find((one) => one.step === wish.step && one.host === wish.host);
  if (task === undefined) throw new Stop(`the run ${wish.run} has no step ${wish.step} on ${wish.host}`);
  if (task.state !== 'pending') return { attempt: task.attempt, goesOn: task.state === 'running' };
  const { state } = await client.get<RunAnswer>(`/v1/runs/${wish.run}`);
  return { attempt: task.attempt, goesOn: !finalStates.includes(state) };
}

function written(world: World, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => {
    if (world.out.write(bytes)) resolve();
    else world.out.once('drain', resolve);
  });
}

/** Waits, at most until `signal` is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}
