import type { Command } from 'commander';
import { clientOf, coloursOf } from '../client-of.js';
import { formatOption, type Format } from '../formats.js';
import { watchRun } from '../watch/watch-run.js';
import type { World } from '../world.js';

/** `belay run watch`: follows a run to its end, or to where it waits for somebody. */
export function addWatch(run: Command, world: World): void {
  run
    .command('watch')
    .description('follow a run; Ctrl-C only leaves, the run goes on')
    .argument('<run>', 'its name, or the beginning of it')
    .option('--wait', 'go on following while the run waits for somebody (the default on a terminal)')
    .option('--no-wait', 'end with exit code 11 when the run waits for somebody')
    .addOption(formatOption())
    .action(async (prefix: string, options: { wait?: boolean; output: Format }, command: Command) => {
      await watchRun(world, clientOf(world), prefix, coloursOf(world, command), options.output, options.wait);
    });
}
