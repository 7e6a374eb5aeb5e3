import { Command, CommanderError } from 'commander';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { Stop } from './stop.js';
import { visible } from './visible.js';
import type { World } from './world.js';

/** Adds commands to the program. Every command file exports one such function. */
export type Register = (program: Command, world: World) => void;

/**
 * Carries out one command line.
 *
 * @returns the exit code; whatever goes wrong has been said in one line on standard error
 */
export async function belay(words: readonly string[], registers: readonly Register[], world: World): Promise<ExitCode> {
  let code: ExitCode = exitCodes.succeeded;
  const inner: World = { ...world, exitWith: (wanted) => (code = wanted) };
  try {
    await program(registers, inner).parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    return ended(error, world);
  }
}

function program(registers: readonly Register[], world: World): Command {
  const top = new Command('belay')
    .description('Runs runbooks: ordered, risky procedures on many machines, planned, approved, verified, undone.')
    .option('--no-color', 'print without colours (NO_COLOR does the same)')
    .showSuggestionAfterError(true)
    .addHelpText('after', '\nExit codes and examples: docs/cli.md');
  quietly(top, world);
  for (const register of registers) register(top, world);
  for (const command of everyCommand(top)) quietly(command, world);
  return top;
}

/** Commander neither writes nor ends the process by itself. */
function quietly(command: Command, world: World): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => world.out.write(text),
    writeErr: (text) => world.err.write(text),
    outputError: (text, write) => write(text.replace(/^error: /, 'belay: ')),
    getOutHelpWidth: () => world.out.columns ?? 100,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}

function* everyCommand(command: Command): Generator<Command> {
  for (const child of command.commands) {
    yield child;
    yield* everyCommand(child);
  }
}

function ended(error: unknown, world: World): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.succeeded : exitCodes.usage;
  if (error instanceof Stop) return said(world, error.message, error.exitCode);
  if (world.interrupted.aborted) return exitCodes.detached;
  const trace = world.environment['BELAY_DEBUG'] === undefined ? '' : `\n${(error as Error).stack ?? ''}`;
  const message = error instanceof Error ? error.message : String(error);
  return said(world, `a fault in Belay: ${visible(message)} (BELAY_DEBUG=1 shows where)${trace}`, exitCodes.error);
}

function said(world: World, line: string, code: ExitCode): ExitCode {
  world.err.write(`belay: ${line}\n`);
  return code;
}
