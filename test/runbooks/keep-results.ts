import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, type RunnerTask } from 'vitest';
import { whole } from '../chaos/chance.js';
import { revision } from '../chaos/proof.js';
import { joined, pageOf, resultsOn, type LastResult } from './last-results.js';

const page = 'docs/proofs/runbooks.md';
const ending = '.hosts.test.ts';

// Keeps how each test of a file ended, where everything was asked for; so the page is made in as many sittings as one likes.
if (whole) {
  const made = { revision: revision().replace(/^(.{12})[0-9a-f]*/, '$1'), day: new Date().toISOString().slice(0, 10) };
  afterAll(({}, file) => {
    const name = basename(file.name, ending);
    const files = readdirSync('test/runbooks').filter((one) => one.endsWith(ending));
    const now = testsIn(file.tasks).map((test): LastResult => ({ file: name, ...test, ...made }));
    const before = existsSync(page) ? resultsOn(readFileSync(page, 'utf8')) : [];
    const names = files.map((one) => basename(one, ending)).sort();
    writeFileSync(page, pageOf(joined(before, now), names));
  });
}

function testsIn(tasks: readonly RunnerTask[]): Pick<LastResult, 'test' | 'ended' | 'seconds'>[] {
  return tasks.flatMap((task) => {
    if (task.type === 'suite') return testsIn(task.tasks);
    const { state, duration = 0, retryCount = 0 } = task.result ?? {};
    const ended = state === 'pass' ? 'passed' : state === 'fail' ? 'failed' : 'not run';
    return [
      {
        test: task.name,
        ended: retryCount > 0 ? `${ended} at try ${String(retryCount + 1)}` : ended,
        seconds: Math.round(duration / 1000),
      },
    ];
  });
}
