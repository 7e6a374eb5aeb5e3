import type { Command } from 'commander';
import type { RunRow } from '../../../model/answers.js';
import { clientOf } from '../client-of.js';
import { say, type World } from '../world.js';

/** `belay run acknowledge`: hosts that a run left in a bad way count as up again. */
export function addAcknowledge(run: Command, world: World): void {
  run
    .command('acknowledge')
    .description('say that hosts on which a run ended badly are up again, for the budgets of groups')
    .argument('<run>', 'its name, or the beginning of it')
    .requiredOption('--reason <text>', 'why; recorded')
    .option('--host <name>', 'only this host')
    .action(async (prefix: string, { reason, host }: { reason: string; host?: string }) => {
      const body = { reason, ...(host !== undefined && { host }) };
      const path = `/v1/runs/${encodeURIComponent(prefix)}/acknowledge`;
      const acknowledged = await clientOf(world).post<RunRow>(path, body);
      say(world, `${acknowledged.run}: ${host ?? 'all of its hosts'} acknowledged`);
    });
}
