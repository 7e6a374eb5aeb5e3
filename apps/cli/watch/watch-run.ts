import type { PlanAnswer, RunAnswer, TasksAnswer } from '../../../model/answers.js';
import { finalStates } from '../../../model/states.js';
import type { ApiClient } from '../api-client.js';
import type { Colours } from '../colour.js';
import { exitCodeOf, exitCodes } from '../exit-codes.js';
import type { Format } from '../formats.js';
import { say, type World } from '../world.js';
import { followEvents } from './follow-events.js';
import { apply, emptyPicture, type Picture } from './picture.js';
import { recap } from './recap.js';
import { jsonShow, linesShow, treeShow, yamlShow, type Show } from './shows.js';
import { waitsForOthers } from './waits.js';
import { whatNow } from './what-now.js';

/**
 * Follows a run: a live tree on a terminal, else plain lines; with `-o json` one event a line. Ends when the run has
 * ended, or where it waits for somebody and nobody is at a terminal; the exit code is the run's.
 *
 * @param wait - go on while the run waits; by default on a terminal only
 * @param seen - events up to this number were shown before, and are not shown again
 * @returns the number of the last event that was shown
 */
export async function watchRun(
  world: World,
  client: ApiClient,
  prefix: string,
  colours: Colours,
  format: Format,
  wait: boolean = world.out.isTTY === true,
  seen = 0,
): Promise<number> {
  const { run, planHash } = await client.get<RunAnswer>(`/v1/runs/${encodeURIComponent(prefix)}`);
  const { plan } = await client.get<PlanAnswer>(`/v1/plans/${planHash}`);
  const make =
    format === 'json' ? jsonShow : format === 'yaml' ? yamlShow : world.out.isTTY === true ? treeShow : linesShow;
  const show = make({ world, client, run, plan, colours, wait });
  const picture = emptyPicture();
  let last = seen;
  const shown: Show = {
    ...show,
    event: (event, now) => {
      if (event.sequence > seen) show.event(event, now);
      last = event.sequence;
    },
  };
  try {
    await follow(world, client, run, picture, shown, wait);
  } catch (error) {
    if (!world.interrupted.aborted) throw error;
  } finally {
    await show.close();
  }
  if (world.interrupted.aborted) left(world, run);
  else await conclude(world, client, run, format);
  return last;
}

async function follow(
  world: World,
  client: ApiClient,
  run: string,
  picture: Picture,
  show: Show,
  wait: boolean,
): Promise<void> {
  const enough = new AbortController();
  const signal = AbortSignal.any([world.interrupted, enough.signal]);
  // An event may be followed by others that were written before we came: the row tells whether it still stands.
  for await (const event of followEvents(client, run, signal)) {
    apply(picture, event);
    show.event(event, picture);
    const rests = finalStates.includes(picture.state) || (picture.state === 'waiting' && !waitsForOthers(picture));
    if (event.kind !== 'run-moved' || !rests) continue;
    const now = await client.get<RunAnswer>(`/v1/runs/${run}`);
    if (now.state !== picture.state) continue;
    show.rests(picture, await whatNow(client, now));
    if (picture.state !== 'waiting' || !wait) enough.abort();
  }
}

function left(world: World, run: string): void {
  world.err.write(`\nThe run goes on. Come back with: belay run watch ${run}\n`);
  world.exitWith(exitCodes.detached);
}

async function conclude(world: World, client: ApiClient, run: string, format: Format): Promise<void> {
  const now = await client.get<RunAnswer>(`/v1/runs/${run}`);
  const { tasks } = await client.get<TasksAnswer>(`/v1/runs/${run}/tasks`);
  world.exitWith(
    exitCodeOf(
      now.state,
      tasks.map((task) => task.state),
    ),
  );
  if (format !== 'table') return;
  say(world, `\n${run}: ${now.state}\n${recap(tasks, now.excluded)}`);
  for (const line of await whatNow(client, now)) say(world, line);
}
