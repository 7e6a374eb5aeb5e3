import { Argument, type Command } from 'commander';
import { visible } from '../visible.js';
import { say, type World } from '../world.js';
import { candidates } from './candidates.js';
import { knownTo } from './known.js';
import { filesMark, scripts, shells, type Shell } from './scripts.js';

/** `belay completion`: what makes a shell complete belay's words; and the hidden command that the shell then asks. */
export function registerCompletion(program: Command, world: World): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands, options, runs, steps and hosts')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action((shell: Shell) => say(world, scripts[shell]));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => {
      const found = await candidates(program, words, knownTo(world));
      // A name with control characters in it is no word that anybody could mean.
      const lines = [...found.words.filter((word) => visible(word) === word), ...(found.files ? [filesMark] : [])];
      if (lines.length > 0) say(world, lines.join('\n'));
    });
}
