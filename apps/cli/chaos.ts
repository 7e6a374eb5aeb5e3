import type { Command } from 'commander';
import { runProgram } from './lab.js';

/** `belay chaos …` hands its words to the chaos suite's own program, which knows them. */
export function registerChaos(program: Command): void {
  program
    .command('chaos')
    .description('force faults on runs on real hosts, and count what is lost, phantom, doubled or out of order')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[words...]')
    .action(async (words: string[]) => {
      process.exitCode = await runProgram(['test', 'chaos', 'suite', 'main.js'], words);
    });
}
