import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LabError } from './error.js';

export interface Executed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface How {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** Told of each line of stdout while the program runs. */
  readonly line?: (line: string) => void;
}

/** Programs of administrators lie where a plain user's PATH does not lead. */
export const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a program to its end; a code other than 0 is no error here. A death by signal is 128. What it has left running with
 * its output open is not waited for.
 */
export async function run(argv: readonly string[], how: How = {}): Promise<Executed> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, {
    env: { ...process.env, PATH: programPath, LC_ALL: 'C', ...how.environment },
    stdio: [how.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      const streams = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()), 500);
      child.once('close', () => clearTimeout(streams));
      resolve(code ?? 128);
    });
  });
  // The program may end without reading all of its input.
  child.stdin?.on('error', () => undefined).end(how.input);
  if (how.line && child.stdout) createInterface(child.stdout).on('line', how.line);
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/**
 * Runs a program that must succeed and returns its output.
 * @throws LabError with the end of what the program complained
 */
export async function must(argv: readonly string[], how: How = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, how);
  if (code === 0) return stdout;
  const complaint = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join(' / ');
  throw new LabError(`\`${argv.join(' ')}\` ended with ${code}: ${complaint}`);
}

async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (stream) await new Promise((resolve) => stream.once('close', resolve));
  return Buffer.concat(chunks).toString();
}
