import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Guard } from './guards.js';
import { patternOf, verdictOf, type Verdict } from './verdict.js';

/** Milliseconds for one test, with what it starts; beyond its own time-outs, so that those tell first. */
const limit = 10 * 60_000;

/** Runs one test of a tree, once. */
export async function runTest(
  folder: string,
  { test, title, case: one }: Pick<Guard, 'test' | 'title' | 'case'>,
): Promise<Verdict> {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const project = test.endsWith('.hosts.test.ts') ? 'hosts' : 'unit';
  const words = ['run', test, '--project', project, '-t', patternOf(title, one), '--retry=0'];
  const reporter = ['--reporter=json', `--outputFile=${report}`];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...words, ...reporter], {
    cwd: folder,
    stdio: 'ignore',
    timeout: limit,
  });
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  return verdictOf(existsSync(report) ? readFileSync(report, 'utf8') : '');
}
