import type { Command } from 'commander';
import type { PlanAnswer, RunRow } from '../../../model/answers.js';
import type { ApiClient } from '../api-client.js';
import { clientOf, coloursOf } from '../client-of.js';
import type { Colours } from '../colour.js';
import { confirm } from '../confirm.js';
import { formatOption, structured, type Format } from '../formats.js';
import { readInputs, withInputOptions } from '../inputs.js';
import { inventoryOption } from '../inventory-option.js';
import { mayMakeSecrets, sayMade } from '../make-secrets.js';
import { makePlan } from '../make-plan.js';
import { readRunbook } from '../runbook-files.js';
import { usage } from '../stop.js';
import { visible } from '../visible.js';
import { watchRun } from '../watch/watch-run.js';
import { say, type World } from '../world.js';
import type { PlanOptions } from './plan.js';
import { approveWaiting } from './run-approve.js';

interface StartOptions extends Partial<PlanOptions> {
  readonly plan?: string;
  readonly livePlan?: string;
  readonly wait: boolean;
  readonly watch?: boolean;
  readonly approve?: boolean;
  readonly yes?: boolean;
  readonly output: Format;
}

/** `belay run start`: plans, shows the plan, asks, starts. */
export function addStart(run: Command, world: World): void {
  withInputOptions(run.command('start'))
    .description('plan, show the plan, ask, and start')
    .argument('[runbook]', 'a folder with a runbook.yaml, a file, or the name of one that Belay ships')
    .addOption(inventoryOption(world, 'the hosts').makeOptionMandatory(false))
    .option('--plan <hash>', 'start this plan, shown before, instead of a new one')
    .option('--live-plan <hash>', 'look again when it begins, and do nothing where that is not this live plan')
    .option('--no-wait', 'refuse the run where another one holds one of its hosts, instead of waiting in line')
    .option('--watch', 'follow the run')
    .option('--approve', 'follow the run, and vote for each phase that waits for approval, as you')
    .option('-y, --yes', 'do not ask')
    .addOption(formatOption())
    .action(async (runbook: string | undefined, options: StartOptions, command: Command) => {
      const client = clientOf(world);
      const plan = await planned(world, client, runbook, options);
      if (options.output === 'table') say(world, visible(plan.shown));
      await confirm(world, `Start this plan (${plan.hash.slice(0, 12)})?`, options.yes === true);
      const started = await client.post<RunRow>(
        '/v1/runs',
        { plan: plan.hash, wait: options.wait, ...(options.livePlan !== undefined && { livePlan: options.livePlan }) },
        true,
      );
      if (options.approve === true)
        return followApproving(world, client, started.run, coloursOf(world, command), options.output);
      if (options.watch === true)
        return void (await watchRun(world, client, started.run, coloursOf(world, command), options.output));
      say(world, options.output === 'table' ? startedLines(started) : structured(started, options.output));
    });
}

async function planned(
  world: World,
  client: ApiClient,
  runbook: string | undefined,
  options: StartOptions,
): Promise<PlanAnswer> {
  if (options.plan !== undefined) {
    if (runbook !== undefined) throw usage('give a runbook or --plan, not both');
    if (!/^[0-9a-f]{64}$/.test(options.plan)) throw usage('--plan must be a whole plan hash: 64 hexadecimal digits');
    return client.get<PlanAnswer>(`/v1/plans/${options.plan}`);
  }
  if (runbook === undefined) throw usage('which runbook? give its folder or file, or --plan HASH');
  if (options.inventory === undefined) throw usage('on which hosts? give the inventory with -i FILE');
  const { inventory } = options;
  await mayMakeSecrets(world, client, await readRunbook(world.folder, runbook), options.yes === true);
  const inputs = await readInputs(world, options);
  const plan = await makePlan(world, client, { runbook, inventory, inputs, makeSecrets: true });
  if (options.output === 'table') sayMade(world, plan);
  return plan;
}

/** Follows a run, and votes whenever it waits for an approval, until it ends or waits for something else. */
async function followApproving(
  world: World,
  client: ApiClient,
  run: string,
  colours: Colours,
  format: Format,
): Promise<void> {
  let seen = 0;
  do seen = await watchRun(world, client, run, colours, format, false, seen);
  while (await approveWaiting(world, client, run));
}

function startedLines({ run, state, standing }: RunRow): string {
  const waits = state === 'waiting' ? `\nit ${visible(String(standing['because']))}` : '';
  return `started ${run}${waits}\nfollow it with: belay run watch ${run}`;
}
