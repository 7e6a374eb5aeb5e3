import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../folders.js';
import { countLine, countVitest, type Counts } from './counts.js';
import type { Part } from './parts.js';

export interface PartEnd extends Counts {
  readonly minutes: number;
}

/** Runs one part to its end, its output on this terminal. */
export async function runPart(part: Part, environment: NodeJS.ProcessEnv): Promise<PartEnd> {
  const began = performance.now();
  const counts = await countsOf(part, environment);
  return { ...counts, minutes: (performance.now() - began) / 60_000 };
}

async function countsOf(part: Part, environment: NodeJS.ProcessEnv): Promise<Counts> {
  if (part.counting === 'vitest') return runVitest(part, environment);
  const { exit, output } = await run(part.words, environment);
  if (part.counting === 'line') return countLine(output, exit);
  return exit === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runVitest(part: Part, environment: NodeJS.ProcessEnv): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-selftest-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { exit } = await run([...part.words, ...reporters], environment);
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

/** Shows the output while it comes, and keeps its end, where counts are found. */
function run(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<{ exit: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...words], {
      cwd: projectFolder(),
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => {
      process.stdout.write(bytes);
      output = (output + bytes.toString('utf8')).slice(-65_536);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ exit: code ?? 128, output }));
  });
}
