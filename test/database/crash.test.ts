import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAudit } from '../../database/audit.js';
import { closeDatabase, meansDatabaseAway } from '../../database/connect.js';
import { readEvents } from '../../database/events.js';
import { appendOutput, outputEnd, type OutputName } from '../../database/output.js';
import { writeResults } from '../../database/results.js';
import { readTasks } from '../../database/tasks.js';
import { freshDatabase, phase, plan, result, running, step } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

test('a server that is killed in the midst of writing has lost nothing that it acknowledged', async () => {
  const db = await freshDatabase(postgres);
  const hosts = Array.from({ length: 400 }, (_, index) => `h${index}`);
  const run = await running(db, plan([phase('All', [hosts], [step('one', hosts)])]));
  const output: OutputName = { run, step: 'one', host: 'h0', attempt: 1, part: 'do', stream: 'stdout' };
  const acknowledged: string[] = [];
  let offset = 0;

  const errors: unknown[] = [];
  const until = async (work: () => Promise<boolean>): Promise<void> => {
    try {
      while (await work());
    } catch (error) {
      errors.push(error);
    }
  };
  const left = [...hosts];
  const writing = Promise.all([
    ...[1, 2, 3].map(async () =>
      until(async () => {
        const host = left.pop();
        if (!host) return false;
        await writeResults(db, [result(run, 'one', host)]);
        acknowledged.push(host);
        if (acknowledged.length === 60) await postgres.stopImmediately();
        return true;
      }),
    ),
    until(async () => {
      await appendOutput(db, { ...output, offset, bytes: Buffer.alloc(1000, 'x') });
      offset += 1000;
      return true;
    }),
  ]);
  await writing;
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) expect(meansDatabaseAway(error), String(error)).toBe(true);

  await postgres.start();
  const settled = new Set((await readTasks(db, run)).filter((task) => task.settled).map((task) => task.host));
  expect(acknowledged.filter((host) => !settled.has(host))).toEqual([]);
  expect(await outputEnd(db, output)).toBeGreaterThanOrEqual(offset);
  const events = await readEvents(db, run, 0, 1000);
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter((event) => event.kind === 'task-ended')).toHaveLength(settled.size);
  expect(await verifyAudit(db)).toEqual([]);
  await closeDatabase(db);
}, 120_000);
