import type { Command } from 'commander';

/** `belay up`: runs Belay on this machine, in the foreground, until it is told to stop. */
export function registerUp(program: Command): void {
  program.command('up').description('run Belay on this machine until Ctrl-C');
}
