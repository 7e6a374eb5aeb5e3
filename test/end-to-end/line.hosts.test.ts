import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { cases, startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

describe('runs that want the same hosts', () => {
  let lab: Lab;
  let belay: Belay;
  beforeAll(async () => {
    lab = await labUp({ name: 'line', description: twoNodes });
    belay = await startBelay(lab);
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown('line');
  }, 120_000);

  const started = async (lines: number): Promise<string> =>
    belay.start((await belay.plan(cases('long'), { lines })).hash);
  const ledger = async (): Promise<string> =>
    (await lab.exec('node1', ['sh', '-c', 'cat /var/log/long.ledger; rm -f /var/log/long.ledger'])).stdout;
  const waitsFor = async (run: string, because: RegExp): Promise<void> =>
    expect.poll(async () => String((await belay.run(run)).standing['because']), { timeout: 30_000 }).toMatch(because);

  it('go one after another, in the order in which they came, though the worker is killed in between', async () => {
    const first = await started(30);
    const second = await started(2);
    const third = await started(2);
    await waitsFor(second, new RegExp(`^waits for node1, 1st in line, held by run ${first}, started by tester`));
    await waitsFor(third, new RegExp(`^waits for node1, 2nd in line, held by run ${first}, started by tester`));
    belay.stack.kill('worker', 'SIGKILL');
    await belay.until(second, ['succeeded'], 120);
    await waitsFor(third, /1st in line|undefined/);
    await belay.until(third, ['succeeded'], 120);
    const ends = await Promise.all([first, second, third].map(async (run) => (await belay.run(run)).endedAt ?? ''));
    expect([...ends].sort()).toEqual(ends);
    expect(await ledger()).toBe('one\ntwo\n'.repeat(3));
  }, 240_000);

  it('are looked at while one of them acts, and it goes on as if nobody had', async () => {
    const acts = await started(60);
    await belay.until(acts, ['running']);
    await expect.poll(async () => (await belay.tasks(acts))[0]?.state, { timeout: 30_000 }).toBe('running');
    const looks = await belay.start((await belay.plan(cases('looks-on'), {})).hash);
    await belay.until(looks, ['succeeded'], 30);
    expect((await belay.run(acts)).state).toBe('running');
    await belay.until(acts, ['succeeded'], 60);
    for (const task of await belay.tasks(acts)) expect(task).toMatchObject({ attempt: 1, state: 'changed' });
    expect(await ledger()).toBe('one\ntwo\n');
  }, 120_000);

  it('leave the line on a word, and an undo waits in it or is withdrawn', async () => {
    const over = await started(1);
    await belay.until(over, ['succeeded']);
    const first = await started(100);
    await belay.until(first, ['running']);
    const cancelled = await started(1);
    const undone = await started(1);
    await belay.until(undone, ['waiting']);
    expect((await belay.say(cancelled, 'cancel')).outcome?.accepted).toBe(true);
    await belay.until(cancelled, ['cancelled']);
    expect((await belay.say(undone, 'undo')).outcome?.accepted).toBe(true);
    await belay.until(undone, ['undone']);
    const waits = new RegExp(`^undo 1 waits for node1, 1st in line, held by run ${first}`);
    expect((await belay.say(over, 'undo')).outcome).toEqual({
      accepted: true,
      because: expect.stringMatching(waits) as unknown,
    });
    expect((await belay.say(over, 'cancel')).outcome?.because).toBe('undo 1 is withdrawn; nothing has gone back');
    expect(await belay.until(over, ['succeeded'])).toMatchObject({ undo: { number: 1, open: false } });
    await belay.say(over, 'undo');
    await belay.until(over, ['waiting']);
    await belay.say(first, 'cancel');
    await belay.until(over, ['undone', 'undo_incomplete'], 120);
    await ledger();
  }, 240_000);

  it('keep to the budget of a group: one node down at a time, and a failed one until it is acknowledged', async () => {
    const inventory = (name: string, nodes: readonly string[]): string => {
      const written = parse(readFileSync(lab.inventoryFile, 'utf8')) as { groups: Record<string, unknown> };
      written.groups['nodes'] = { hosts: nodes, budget: { down: 1 } };
      const file = join(belay.data, name);
      writeFileSync(file, stringify(written));
      return file;
    };
    const [here, there] = [inventory('here.yaml', ['node1', 'node2']), inventory('there.yaml', ['node2', 'node1'])];
    const acknowledged = async (run: string, reason: string): Promise<Response> =>
      belay.request(`/v1/runs/${run}/acknowledge`, { method: 'POST', body: JSON.stringify({ reason }) });
    const turn = async (hosts: string, seconds: number): Promise<string> =>
      belay.start((await belay.plan(cases('turn'), { seconds }, hosts)).hash);
    // Runs of the tests before that ended badly have left hosts down.
    const { runs } = (await (await belay.request('/v1/runs')).json()) as { runs: { run: string }[] };
    for (const { run } of runs) expect((await acknowledged(run, 'a test of its own')).status).toBe(200);
    const first = await turn(here, 8);
    await belay.until(first, ['running']);
    await expect.poll(async () => (await belay.tasks(first))[0]?.state, { timeout: 30_000 }).toBe('running');
    const second = await turn(there, 1);
    await waitsFor(
      second,
      new RegExp(`^waits before node2: at most 1 of nodes may be down, and down is node1 .*${first}`),
    );
    await lab.exec('node2', ['touch', '/tmp/stone']);
    await belay.until(second, ['failed'], 90);
    expect((await belay.run(first)).endedAt ?? '').not.toBe('');
    const third = await turn(here, 1);
    await waitsFor(third, new RegExp(`^waits before node1: .* down is node2 \\(.* run ${second},`));
    expect((await acknowledged(second, 'it was only a stone')).status).toBe(200);
    await belay.until(third, ['succeeded'], 90);
    await lab.exec('node2', ['rm', '/tmp/stone', '/var/log/turn.ledger']);
  }, 240_000);
});
