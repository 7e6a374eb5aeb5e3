import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectFolder } from '../folders.js';
import { countLine, countVitest, type Counts } from './counts.js';
import type { Part } from './parts.js';

export interface PartEnd extends Counts {
  readonly minutes: number;
}

/** Runs one part to its end, its output on this terminal. @param prefix - what each line begins with */
export async function runPart(part: Part, environment: NodeJS.ProcessEnv, prefix: string): Promise<PartEnd> {
  const began = performance.now();
  const counts = await countsOf(part, environment, prefix);
  return { ...counts, minutes: (performance.now() - began) / 60_000 };
}

async function countsOf(part: Part, environment: NodeJS.ProcessEnv, prefix: string): Promise<Counts> {
  if (part.counting === 'vitest') return runVitest(part, environment, prefix);
  const { exit, output } = await run(part.words, environment, prefix);
  if (part.counting === 'line') return countLine(output, exit);
  return exit === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runVitest(part: Part, environment: NodeJS.ProcessEnv, prefix: string): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-selftest-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { exit } = await run([...part.words, ...reporters], environment, prefix);
    return countVitest(readOr(report, ''), exit);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

/** Shows the output line by line while it comes, and keeps its end, where counts are found. */
function run(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  prefix: string,
): Promise<{ exit: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...words], {
      cwd: projectFolder(),
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      process.stdout.write(`${prefix}${line}\n`);
      output = `${output}${line}\n`.slice(-65_536);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ exit: code ?? 128, output }));
  });
}
