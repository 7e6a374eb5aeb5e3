import { spawn } from 'node:child_process';

/** How a program ended, with all that it printed. */
export interface ProgramEnd {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end. A program that cannot be started ends with code 127. */
export function runToEnd(
  command: string,
  words: readonly string[],
  options: {
    input?: string;
    seconds?: number;
    environment?: NodeJS.ProcessEnv;
    account?: { uid: number; gid: number };
  } = {},
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = spawn(command, [...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: (options.seconds ?? 60) * 1000,
      ...(options.environment === undefined ? {} : { env: options.environment }),
      ...options.account,
    });
    let output = '';
    const keep = (bytes: Buffer) => (output += bytes.toString('utf8'));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 128, output: signal === null ? output : `${output}${signal}` }),
    );
    // A program that ends without reading its input is judged by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
