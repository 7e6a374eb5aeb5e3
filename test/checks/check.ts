import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The top of the project, from the built place of this file (`build/test/checks`) or its own. */
export const top = join(
  import.meta.dirname,
  import.meta.dirname.includes(join('build', 'test')) ? '../../..' : '../..',
);

/** What a check found: every line is a fault; `notes` are printed whatever is found. */
export interface Found {
  readonly faults: readonly string[];
  readonly notes?: readonly string[];
}

/** One thing that must be so before a change is taken. */
export interface Check {
  readonly name: string;
  run(): Promise<Found>;
}

/** A check that a program makes: its exit code decides, its output is the faults. */
export function program(name: string, command: string, words: readonly string[]): Check {
  return {
    name,
    run: async () => {
      const { code, output } = await runProgram(command, words);
      return { faults: code === 0 ? [] : output.trim().split('\n') };
    },
  };
}

/** As {@link program}, with a JavaScript file of a package, on the Node that runs this. */
export const tool = (name: string, file: string, ...words: string[]): Check =>
  program(name, process.execPath, [join(top, file), ...words]);

/** Runs a program at the top of the project; one that cannot be started ends with 127. */
export function runProgram(
  command: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, [...words], { cwd: top, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (bytes: Buffer) => (output += bytes.toString('utf8'));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 128, output }));
  });
}
