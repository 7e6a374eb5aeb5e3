import { Option, type Command } from 'commander';
import { parts } from '../../../model/operation.js';
import { clientOf } from '../client-of.js';
import { positive } from '../inputs.js';
import { copyOutput } from '../copy-output.js';
import type { World } from '../world.js';

interface OutputOptions {
  readonly stream: 'stdout' | 'stderr';
  readonly part: string;
  readonly attempt?: number;
  readonly follow?: boolean;
  readonly raw?: boolean;
}

/** `belay run output`: what a task wrote, byte for byte. */
export function addOutput(run: Command, world: World): void {
  run
    .command('output')
    .description('what a step wrote on a host; byte for byte where it goes to a file or a pipe')
    .argument('<run>', 'its name, or the beginning of it')
    .argument('<step>', 'the id of the step')
    .argument('<host>', 'the host')
    .addOption(new Option('--stream <name>', 'which stream').choices(['stdout', 'stderr']).default('stdout'))
    .addOption(new Option('--part <name>', 'which part of the step').choices(parts).default('do'))
    .option('--attempt <n>', 'which try; the last one where absent', positive)
    .option('-f, --follow', 'go on while the task runs')
    .option('--raw', 'byte for byte on a terminal, too')
    .action(async (prefix: string, step: string, host: string, options: OutputOptions) => {
      const client = clientOf(world);
      const { run: name } = await client.get<{ run: string }>(`/v1/runs/${encodeURIComponent(prefix)}`);
      const harmless = world.out.isTTY === true && options.raw !== true;
      await copyOutput(world, client, { run: name, step, host, ...options }, harmless);
    });
}
