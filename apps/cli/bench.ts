import type { Command } from 'commander';
import { runProgram } from './lab.js';

/** `belay bench …` hands its words to the program that measures, which knows them. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('measure Belay on this machine, as ratios to baselines')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[words...]')
    .action(async (words: string[]) => {
      process.exitCode = await runProgram(['bench', 'main.js'], words);
    });
}
