import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanAnswer, RunAnswer, RunRow, VerbAnswer } from '../../../model/answers.js';
import { ApiClient } from '../api-client.js';
import { clientOf, coloursOf } from '../client-of.js';
import { linksOf } from '../commands/run-open.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exit-codes.js';
import { dataFolder, projectFolder } from '../folders.js';
import type { Colours } from '../colour.js';
import { givenInputs } from '../inputs.js';
import { makePlan } from '../make-plan.js';
import type { Register } from '../program.js';
import { Stop } from '../stop.js';
import { holdData } from '../up/data-lock.js';
import { startStack } from '../up/stack.js';
import { visible } from '../visible.js';
import { watchRun } from '../watch/watch-run.js';
import { say, type World } from '../world.js';
import { compareWithMark, labDown, labUp, markLab, type DemoLab } from './demo-lab.js';
import { storeSecrets } from './store-secrets.js';

interface DemoOptions {
  readonly yes?: boolean;
  readonly keep?: boolean;
}

/** Where the run stands when a watch has come back. */
type Standing = RunAnswer['state'];

/** `belay demo`: a real procedure on real hosts, from plan to undo. */
export const registerDemo: Register = (program, world) => {
  program
    .command('demo')
    .description('make a lab of four hosts; plan, approve, run, verify and undo a real procedure on it')
    .option('-y, --yes', 'answer every question with yes')
    .option('--keep', 'leave lab and Belay’s data as they are at the end')
    .action(async (options: DemoOptions, command) => {
      const folder = join(dataFolder(world.environment), 'demo');
      const data = join(folder, 'belay');
      const inner: World = {
        ...world,
        environment: { ...world.environment, BELAY_DATA: data, BELAY_API_URL: undefined },
      };
      await demonstrate(inner, folder, data, options, coloursOf(world, command));
    });
};

/** Each time from the beginning: an earlier demonstration's hosts and records would tell of something else. */
async function demonstrate(
  world: World,
  folder: string,
  data: string,
  options: DemoOptions,
  colours: Colours,
): Promise<void> {
  heading(world, 'A lab: a cache host, two nodes and a directory server, each with its own sshd');
  await labDown(world);
  const lab = await labUp(world, join(folder, 'lab'));
  try {
    await demonstrateOn(world, lab, data, options, colours);
  } finally {
    if (options.keep !== true) await labDown(world);
  }
}

async function demonstrateOn(
  world: World,
  lab: DemoLab,
  data: string,
  options: DemoOptions,
  colours: Colours,
): Promise<void> {
  await startAfresh(data);
  heading(world, 'Belay: Postgres, Temporal, API and worker');
  const stack = await startStack({ data, log: (line) => say(world, `  ${line}`), wanted: world.interrupted });
  say(world, `  API ${stack.api}, Temporal's web UI ${stack.web}`);
  let ended: Ended;
  try {
    ended = await tell(world, clientOf(world), lab, options, colours);
    if (options.keep === true) await keepUp(world);
  } finally {
    await stack.stop();
  }
  heading(world, 'What is different from before, host by host');
  const same = await compareWithMark(world);
  if (ended.run !== 'succeeded' || ended.undo !== 'undone' || !same)
    throw new Stop(`the demonstration did not end as it should: the run ${ended.run}, its undo ${ended.undo}`);
  heading(world, 'The hosts are as they were');
}

/** Removes an earlier demonstration's records; one that still goes on keeps its data folder locked and is left alone. */
async function startAfresh(data: string): Promise<void> {
  await mkdir(data, { recursive: true });
  const held = await holdData(data);
  held.release();
  const elsewhere = await realpath(join(data, 'postgres')).catch(() => undefined);
  if (elsewhere !== undefined) await rm(elsewhere, { recursive: true });
  await rm(data, { recursive: true, force: true });
}

/** How run and undo came out. */
interface Ended {
  readonly run: Standing;
  readonly undo: Standing;
}

/** The story: plan, approve, run, verify; then back. */
async function tell(
  world: World,
  client: ApiClient,
  lab: DemoLab,
  options: DemoOptions,
  colours: Colours,
): Promise<Ended> {
  await storeSecrets(world, client, lab);
  await markLab(world);
  heading(world, 'The plan: every script and change, before anything runs');
  const plan = await planFor(world, client, lab);
  say(world, visible(plan.shown));
  await confirm(world, `Start this plan (${plan.hash.slice(0, 12)})?`, options.yes === true);
  const { run } = await client.post<RunRow>('/v1/runs', { plan: plan.hash }, true);
  heading(world, `The run ${run}`);
  const forth = await toItsEnd(world, client, run, options, colours);
  for (const link of linksOf(await client.get<RunAnswer>(`/v1/runs/${run}`), client.web ?? '', 'default'))
    say(world, `in Temporal's web UI: ${link}`);
  if (forth.state === 'succeeded') heading(world, 'Every step is verified');
  await confirm(world, 'Undo it all?', options.yes === true);
  heading(world, 'Back, step by step');
  await client.post<VerbAnswer>(`/v1/runs/${run}/verbs`, { verb: 'undo', arguments: {} }, true);
  const back = await toItsEnd(world, client, run, options, colours, forth.seen);
  return { run: forth.state, undo: back.state };
}

async function planFor(world: World, client: ApiClient, lab: DemoLab): Promise<PlanAnswer> {
  const runbook = join(projectFolder(), 'runbooks', 'gluu-cache');
  return makePlan(world, client, {
    runbook,
    inventory: lab.inventory,
    inputs: givenInputs({ appliance: lab.appliance, manager: lab.directory.manager }),
  });
}

/** Follows a run until it has ended; asks at each approval on the way. */
async function toItsEnd(
  world: World,
  client: ApiClient,
  run: string,
  options: DemoOptions,
  colours: Colours,
  from = 0,
): Promise<{ state: Standing; seen: number }> {
  for (let seen = from; ;) {
    seen = await watchRun({ ...world, exitWith: () => undefined }, client, run, colours, 'table', false, seen);
    const now = await client.get<RunAnswer>(`/v1/runs/${run}`);
    if (world.interrupted.aborted) throw new Stop('interrupted', exitCodes.detached);
    if (now.state !== 'waiting' || !now.approval) return { state: now.state, seen };
    await confirm(world, now.approval.ask, options.yes === true);
    const { phase } = now.approval;
    await client.post<VerbAnswer>(
      `/v1/runs/${run}/verbs`,
      { verb: 'approve', arguments: { phase, planHash: now.planHash } },
      true,
    );
  }
}

async function keepUp(world: World): Promise<void> {
  say(
    world,
    `\nBelay and the lab stay up until Ctrl-C. Try: BELAY_DATA=${world.environment['BELAY_DATA'] ?? ''} belay run list`,
  );
  await new Promise<void>((resolve) => {
    if (world.interrupted.aborted) return resolve();
    world.interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
}

function heading(world: World, text: string): void {
  say(world, `\n── ${text}`);
}
