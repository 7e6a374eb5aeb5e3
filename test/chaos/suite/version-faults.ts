import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { Client as Postgres } from 'pg';
import { migrations } from '../../../migrations/migrations.js';
import { runWorkflowId } from '../../../workflows/messages.js';
import type { Ground } from './ground.js';
import { newly, otherWorkflows } from './install.js';
import { pidOf } from './ground.js';
import { startAnother, until, type Fault, type Scene } from './scene.js';

/** Another version of the worker, or of the whole of Belay, while runs are open. */
export const workerVersions: readonly Fault[] = [
  {
    group: 'version',
    name: 'worker of another build takes over, the runbook changed meanwhile',
    pace: 0.5,
    // On a busy machine the other worker has done what was left before it is seen to be there.
    mayEnd: true,
    strike: async (scene) => {
      await scene.begun('do', 'second');
      return otherWorker(scene);
    },
  },
];

/**
 * To a version with one migration more, or from an older checkout to this one. It comes last, or first then: all other faults
 * strike the version of this checkout.
 */
export const upgrade: Fault = {
  group: 'version',
  name: 'embedded stack upgraded with runs open',
  pace: 0.5,
  // The newer worker is at work before the last part answers.
  mayEnd: true,
  strike: async (scene) => {
    await scene.begun('do', 'second');
    return upgraded(scene);
  },
};

async function otherWorker(scene: Scene): Promise<string> {
  const { ground, run } = scene;
  const before = await ground.belay.run(run);
  const other = await changedRunbook(scene);
  const back = await otherWorkflows(ground.installed);
  try {
    const old = pidOf(ground, 'worker');
    ground.belay.stack.kill('worker', 'SIGKILL');
    await until('the worker is another process', () => ![old, undefined].includes(pidOf(ground, 'worker')), 90);
    scene.repaired();
    await until('the run has ended', async () => (await ground.belay.run(run)).state === 'succeeded', 120);
    const after = await ground.belay.run(run);
    if (after.planHash !== before.planHash || other === before.planHash) throw new Error('it has another plan');
    const marks = await marksOfNewBuild(ground, run);
    const replayed = await replayAll(ground);
    return `${String(marks)} steps were begun by the other build; it replays all ${String(replayed)} histories; the run kept its revision`;
  } finally {
    back();
    ground.belay.stack.kill('worker', 'SIGKILL');
  }
}

/** The runbook as somebody has changed it on disk, planned anew. @returns its plan's hash */
async function changedRunbook({ ground, mark }: Scene): Promise<string> {
  const folder = join(ground.folder, `runbook-${mark}`);
  cpSync('test/cases/chaos', folder, { recursive: true });
  const file = join(folder, 'runbook.yaml');
  const inputs = { mark, manager: ground.lab.directory!.manager };
  const changed = readFileSync(file, 'utf8').replaceAll('The last mark is there', 'Another last mark is there');
  writeFileSync(file, changed);
  const { hash, plan } = await ground.belay.plan(folder, inputs, ground.inventory);
  if (!JSON.stringify(plan).includes('Another last mark')) throw new Error('the runbook on disk did not change');
  return hash;
}

async function withTemporal<T>({ belay }: Ground, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: belay.stack.temporalAddress });
  return work(new Client({ connection })).finally(async () => connection.close());
}

/** How many steps of a run the newer build has begun, by the marks in its histories. */
async function marksOfNewBuild(ground: Ground, run: string): Promise<number> {
  const marks = await withTemporal(ground, async ({ workflow }) => {
    const found: string[] = [];
    for await (const { workflowId, runId } of workflow.list()) {
      if (!workflowId.startsWith(`${runWorkflowId(run)}:`)) continue;
      const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
      const markers = (events ?? []).flatMap((event) => event.markerRecordedEventAttributes ?? []);
      found.push(...markers.map((one) => Buffer.from(JSON.stringify(one)).toString()).filter(Boolean));
    }
    return found.length;
  });
  if (marks === 0) throw new Error(`no history has a mark of the newer build (${newly}…)`);
  return marks;
}

/** Replays every history on this ground with the bundle that is installed. @throws Error where one cannot be */
async function replayAll({ belay, installed }: Ground): Promise<number> {
  const program = fileURLToPath(new URL('replay-all.js', import.meta.url));
  const bundle = join(installed.folder, 'build', 'workflows.bundle.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, belay.stack.temporalAddress, bundle]);
  return Number(stdout);
}

async function upgraded(scene: Scene): Promise<string> {
  const { ground } = scene;
  const waiting = await startAnother(scene, 'and-after');
  await until('a second run waits for its hosts', async () => (await ground.belay.run(waiting)).state === 'waiting');
  const before = await newestMigration(ground);
  await ground.upgrade();
  scene.repaired();
  const after = await newestMigration(ground);
  if (after < migrations.length || before >= after)
    throw new Error(`migration ${String(before)} became ${String(after)}`);
  await until('the second run has ended', async () => (await ground.belay.run(waiting)).state === 'succeeded', 180);
  return `migration ${String(before)} became ${String(after)} with one run in mid-do and one waiting in line; both ended`;
}

async function newestMigration({ belay }: Ground): Promise<number> {
  const client = new Postgres({ connectionString: belay.stack.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ newest: number }>('select count(*)::int as newest from migrations');
    return rows[0]!.newest;
  } finally {
    await client.end();
  }
}
