import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase, type Database } from '../../database/connect.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { type } from '../cli/cli.js';
import { startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

describe('what is told of a run while it goes on', () => {
  let lab: Lab;
  let belay: Belay;
  let database: Database;

  beforeAll(async () => {
    lab = await labUp({ name: 'telling', description: twoNodes });
    belay = await startBelay(lab);
    database = await openDatabase(belay.stack.databaseUrl);
  }, 600_000);
  afterAll(async () => {
    if (database) await closeDatabase(database);
    await belay?.stop();
    await labDown('telling');
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', script])).stdout;
  const states = async (run: string): Promise<Record<string, string>> =>
    Object.fromEntries((await belay.tasks(run)).map((task) => [task.host, task.state]));
  const seen = async (what: () => Promise<unknown>, wanted: unknown): Promise<void> =>
    expect.poll(what, { timeout: 60_000, interval: 100 }).toEqual(wanted);

  /** A run of a step that is over at once on node1 and goes on on node2 until it is let go. */
  async function uneven(): Promise<string> {
    await on('node2', 'rm -f /tmp/enough');
    const run = await belay.start((await belay.plan('test/cases/end-to-end/uneven')).hash);
    await seen(async () => on('node2', 'cat /var/log/uneven.ledger 2>/dev/null || true'), 'node2\n');
    return run;
  }

  async function back(run: string): Promise<void> {
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
  }

  it('shows what a fast host came to while a slow one is still at work', async () => {
    const run = await uneven();
    await seen(() => states(run), { node1: 'changed', node2: 'running' });
    await on('node2', 'touch /tmp/enough');
    await belay.until(run, ['succeeded']);
    expect(await states(run)).toEqual({ node1: 'changed', node2: 'changed' });
    const ended = (await belay.events(run)).filter(({ kind }) => kind === 'task-ended');
    expect(ended.map(({ data }) => data['host'])).toEqual(['node1', 'node2']);
    await back(run);
  });

  it('says why nothing goes on though no host failed, and goes on by itself', async () => {
    const run = await uneven();
    await seen(() => states(run), { node1: 'changed', node2: 'running' });
    await database.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'the disk is full'; end $$;
      create trigger refuse before insert on results execute function refuse()`);
    await on('node2', 'touch /tmp/enough');
    const because = 'the disk is full';
    await seen(async () => (await belay.run(run)).tryingAgain, [{ step: 'count', since: expect.any(String), because }]);
    const shown = await type(`run show ${run}`, { environment: { BELAY_DATA: belay.data } });
    expect(shown.out).toMatch(/^trouble +trying step count again since \d\d:\d\d:\d\d because the disk is full$/m);
    // Tries go on meanwhile; they are not told one by one.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await database.query('drop trigger refuse on results');
    await belay.until(run, ['succeeded']);
    expect((await belay.run(run)).tryingAgain).toBeUndefined();
    const told = (await belay.events(run)).filter(({ kind }) => kind.startsWith('trying'));
    expect(told.map(({ kind, data }) => [kind, data['because'] ?? data['goesOn']])).toEqual([
      ['trying-again', because],
      ['trying-ended', true],
    ]);
    const watched = await type(`run watch ${run}`, { environment: { BELAY_DATA: belay.data } });
    expect(watched.out).toMatch(/trying step count again since .*\n(.*\n)*.*it goes on\n/);
    expect(await on('node2', 'cat /var/log/uneven.ledger')).toBe('node2\n');
    await back(run);
  });

  it('says that a worker has gone, and that its work goes on', async () => {
    const run = await uneven();
    belay.stack.kill('worker', 'SIGKILL');
    const told = async (): Promise<unknown> =>
      (await belay.events(run))
        .filter(({ kind }) => kind.startsWith('trying'))
        .map(({ data }) => data['because'] ?? data['goesOn']);
    const gone = 'the worker that did it has gone, or gave no sign of life';
    // On a busy machine the next worker may take its time to come up.
    await expect.poll(told, { timeout: 120_000, interval: 100 }).toContain(gone);
    await on('node2', 'touch /tmp/enough');
    await belay.until(run, ['succeeded']);
    await seen(told, [gone, true]);
    expect(await on('node1', 'cat /var/log/uneven.ledger')).toBe('node1\n');
    expect(await on('node2', 'cat /var/log/uneven.ledger')).toBe('node2\n');
    const begun = (await belay.events(run)).filter(({ kind }) => kind === 'step-started');
    expect(begun).toHaveLength(1);
    await back(run);
  });
});
