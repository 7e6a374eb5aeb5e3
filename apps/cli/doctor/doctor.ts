import type { Command } from 'commander';

/** `belay doctor`: says what is missing and how to put it right. */
export function registerDoctor(program: Command): void {
  program.command('doctor').description('check all that Belay needs');
}
