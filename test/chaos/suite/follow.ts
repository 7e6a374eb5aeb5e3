import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunAnswer, TasksAnswer } from '../../../model/answers.js';
import { finalStates, type RunState } from '../../../model/states.js';
import type { Ground } from './ground.js';
import { recoveryOf, type Recovery, type Repair } from './recovery.js';
import { eventsAfter, say, until } from './scene.js';
import { marks } from './small-plan.js';

/** How a run came through. */
export interface Passage {
  readonly state: RunState;
  readonly recovery?: Recovery;
  /** What a person had to decide. */
  readonly decisions: readonly string[];
}

export interface Following {
  readonly ground: Ground;
  readonly run: string;
  readonly goal: 'undone' | undefined;
  /** Seconds until the run must stand in a final state. */
  readonly deadline: number;
  /** Whether the fault has struck, and all that belongs to it is over. */
  readonly struck: () => boolean;
  /** Whether the world is whole again: before, nobody decides anything. */
  readonly whole: () => boolean;
  /** How the world was made whole again; asked once the fault has struck. */
  readonly repair: () => Repair;
}

/** Follows a run to its end, as the person who is on duty: looks at the host where the outcome is not known. */
export async function follow(following: Following): Promise<Passage> {
  const { ground, run, goal, deadline } = following;
  const decisions: string[] = [];
  const began = performance.now();
  for (let undoing = false; ; await sleep(100)) {
    const now = await ask<RunAnswer>(ground, `/v1/runs/${run}`);
    if (now && finalStates.includes(now.state)) {
      if (goal !== 'undone' || undoing || now.state !== 'succeeded')
        if (following.struck()) return { state: now.state, decisions, ...(await recovered(following)) };
      if (goal === 'undone' && !undoing && now.state === 'succeeded') {
        await say(ground, run, 'undo');
        undoing = true;
      }
    }
    if (now?.state === 'waiting' && following.whole()) decisions.push(...(await decide(ground, run)));
    if ((performance.now() - began) / 1000 > deadline)
      throw new Error(
        `it is ${now?.state ?? 'out of sight'} after ${String(deadline)} s: ${JSON.stringify(now?.standing)}`,
      );
  }
}

async function recovered({ ground, run, repair }: Following): Promise<Pick<Passage, 'recovery'>> {
  let recovery: Recovery | undefined;
  await until('the events of the run are read', async () => {
    const events = await eventsAfter(ground, run, 0).catch(() => []);
    recovery = recoveryOf(events, repair());
    return events.length > 0;
  });
  return recovery === undefined ? {} : { recovery };
}

/** Tries again what did nothing; where that is not known, goes by what is on the host. */
async function decide(ground: Ground, run: string): Promise<string[]> {
  const tasks = (await ask<TasksAnswer>(ground, `/v1/runs/${run}/tasks`))?.tasks ?? [];
  const open = tasks.filter(({ state }) => ['failed', 'unreachable', 'unknown', 'undo_failed'].includes(state));
  const said: string[] = [];
  for (const { step, host, state, failure } of open) {
    const there = state === 'unknown' && existsSync(join(ground.lab.host(host).root, marks, `${run}.${step}`));
    await say(ground, run, there ? 'skip' : 'retry', { step, host, ...(there ? { reason: 'its mark is there' } : {}) });
    said.push(
      `${there ? 'skip' : 'retry'} ${step} on ${host} (${[state, ...(failure ? [failure.kind] : [])].join(', ')})`,
    );
  }
  return said;
}

async function ask<T>(ground: Ground, path: string): Promise<T | undefined> {
  try {
    const response = await ground.belay.request(path, { signal: AbortSignal.timeout(5000) });
    return response.ok ? ((await response.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}
