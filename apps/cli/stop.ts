import { exitCodes, type ExitCode } from './exit-codes.js';

/** Ends the program with one line for the person who typed the command, and an exit code. */
export class Stop extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = exitCodes.error,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'Stop';
  }
}

/** The command was typed wrongly. */
export function usage(message: string): Stop {
  return new Stop(message, exitCodes.usage);
}
