import type { Command } from 'commander';

/** `belay selftest`: every check and test of the project, part by part. */
export function registerSelftest(program: Command): void {
  program.command('selftest').description('run every check and test of Belay');
}
