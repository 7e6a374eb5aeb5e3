import { clientOf } from '../client-of.js';
import { formatOption, structured, type Format } from '../formats.js';
import { readInputs, withInputOptions, type InputOptions } from '../inputs.js';
import { inventoryOption } from '../inventory-option.js';
import { makeLivePlan, sayLive } from '../live-plan.js';
import { makePlan } from '../make-plan.js';
import type { Register } from '../program.js';
import { visible } from '../visible.js';
import { say } from '../world.js';

/** What a plan is made from, the same at `plan` and `run start`. */
export interface PlanOptions extends InputOptions {
  readonly inventory: string;
}

export const registerPlan: Register = (program, world) => {
  withInputOptions(program.command('plan'))
    .description('show what a run would do, on which hosts, and how it would be undone')
    .argument('<runbook>', 'a folder with a runbook.yaml, a file, or the name of one that Belay ships')
    .addOption(inventoryOption(world, 'the hosts'))
    .option('--live', 'ask the hosts: what would change now, with differences; nothing is done')
    .addOption(formatOption())
    .action(async (runbook: string, options: PlanOptions & { live?: boolean; output: Format }) => {
      const wish = { runbook, inventory: options.inventory, inputs: await readInputs(world, options) };
      const client = clientOf(world);
      const answer = await makePlan(world, client, wish);
      if (options.live === true) return sayLive(world, await makeLivePlan(client, answer.hash), options.output);
      say(world, options.output === 'table' ? visible(answer.shown) : structured(answer, options.output));
    });
};
