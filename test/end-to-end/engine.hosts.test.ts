// cspell:ignore leep
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { runWorkflowId, undoWorkflowId, verbUpdate } from '../../workflows/messages.js';
import { cases, startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

describe('a run on real hosts', () => {
  let lab: Lab;
  let belay: Belay;
  let temporal: Client;

  beforeAll(async () => {
    lab = await labUp({ name: 'engine', description: twoNodes });
    belay = await startBelay(lab);
    temporal = new Client({ connection: await Connection.connect({ address: belay.stack.temporalAddress }) });
  }, 600_000);
  afterAll(async () => {
    await temporal?.connection.close();
    await belay?.stop();
    await labDown('engine');
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', script])).stdout;
  // Belay's own connection stays open for some minutes, with its runner at the other end; its journal stays longer.
  const ours = /belay-runner|sshd: root@notty|uid 0: sleep 1$|^\/var\/lib\/belay\//;
  const differences = async (mark: string): Promise<unknown> =>
    (await lab.diff(mark)).differences.filter((one) => !ours.test(one.subject));

  it('is planned, approved, carried out, verified and undone until the hosts are as they were', async () => {
    await lab.mark('small');
    const { hash } = await belay.plan(cases('small'), { greeting: 'good day' });
    const run = await belay.start(hash);
    const waiting = await belay.until(run, ['waiting']);
    expect(waiting.approval).toMatchObject({ ask: 'Go on with 2 nodes?', votes: 0, wanted: 1 });
    expect(await on('node1', 'cat /etc/small.conf; stat -c %a /etc/small.conf; ls /srv')).toBe(
      'greeting = good day\nhost = node1\n640\n',
    );
    expect((await belay.approve(run, 1)).outcome).toEqual({ accepted: true, because: 'the gate is open' });
    await belay.until(run, ['succeeded']);
    expect(await on('node2', 'cat /srv/small/said')).toBe('good day from node2');
    expect((await belay.output(run, 'hello', 'node2')).toString()).toBe('good day from node2');
    expect(await belay.states(run)).toMatchObject({ 'hello@node1': 'ok', 'hello@node2': 'ok' });
    const wrote = Object.entries(await belay.states(run)).filter(([task]) => !task.startsWith('hello@'));
    expect(new Set(wrote.map(([, state]) => state))).toEqual(new Set(['changed']));
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
    expect(await differences('small')).toEqual([]);
  });

  it('leaves alone what is already so', async () => {
    const { hash } = await belay.plan(cases('stumble'));
    const first = await belay.start(hash);
    await belay.until(first, ['succeeded']);
    const second = await belay.start(hash);
    await belay.until(second, ['succeeded']);
    expect(await belay.states(second)).toMatchObject({
      'first@node1': 'ok',
      'stone@node1': 'changed',
      'last@node2': 'ok',
    });
    await belay.say(first, 'undo');
    await belay.until(first, ['undo_incomplete']);
    expect(await on('node1', 'ls /etc/stumble.* 2>&1 | wc -l')).toBe('1\n');
  });

  it('waits for a person where a host fails, and goes on from there', async () => {
    await on('node2', 'touch /tmp/stone');
    const run = await belay.start((await belay.plan(cases('stumble'))).hash);
    const stuck = await belay.until(run, ['waiting']);
    expect(stuck.standing).toMatchObject({ for: 'decision' });
    const task = (await belay.tasks(run)).find((one) => one.step === 'stone' && one.host === 'node2');
    expect(task?.failure).toMatchObject({
      kind: 'step/exit',
      known: expect.stringContaining('exited with 7: there is a stone'),
    });
    await on('node2', 'rm /tmp/stone');
    expect((await belay.say(run, 'retry')).outcome).toEqual({ accepted: true, because: '1 task to be tried again' });
    await belay.until(run, ['succeeded']);
    expect(await belay.states(run)).toMatchObject({
      'stone@node1': 'changed',
      'stone@node2': 'changed',
      'last@node1': 'changed',
    });
    await belay.say(run, 'undo');
    await belay.until(run, ['undo_incomplete']);
  });

  it('refuses a second run on the same hosts with the name of the first, where it was told not to wait', async () => {
    const { hash } = await belay.plan(cases('small'));
    const first = await belay.start(hash);
    await expect(belay.start(hash, { wait: false })).rejects.toThrow(first);
    await belay.until(first, ['waiting']);
    await belay.say(first, 'cancel', { then: 'undo' });
    await belay.until(first, ['undone']);
    const next = await belay.start(hash);
    await seen(async () => (await belay.run(next)).approval !== undefined);
    expect((await belay.say(next, 'reject', { phase: 1, planHash: hash, reason: 'not today' })).outcome?.accepted).toBe(
      true,
    );
    await belay.until(next, ['rejected']);
    await belay.say(next, 'undo');
    await belay.until(next, ['undone']);
  });

  it('opens no gate for whoever can only talk to Temporal', async () => {
    const run = await belay.start((await belay.plan(cases('small'))).hash);
    await belay.until(run, ['waiting']);
    const handle = temporal.workflow.getHandle(runWorkflowId(run));
    await expect(handle.executeUpdate(verbUpdate, { args: ['no-such-verb'] })).resolves.toBeUndefined();
    await expect(handle.query('standing')).resolves.toContain('waiting for approval');
    expect((await belay.run(run)).state).toBe('waiting');
    expect(await on('node1', 'ls -d /srv/small 2>&1 | grep -c "No such"')).toBe('1\n');
    await belay.say(run, 'cancel', { then: 'undo' });
    await belay.until(run, ['undone']);
  });

  it('goes back from a run that was terminated from Temporal’s side', async () => {
    await lab.mark('terminated');
    const run = await belay.start((await belay.plan(cases('long'))).hash);
    await seen(() => belay.output(run, 'one', 'node1').then((bytes) => bytes.includes('line 3')));
    await temporal.workflow.getHandle(runWorkflowId(run)).terminate('test');
    await belay.until(run, ['failed'], 60);
    expect((await belay.run(run)).standing).toMatchObject({ kind: 'run/lost' });
    // A script may have come to its end before anybody noticed; none may seem to go on.
    expect(Object.values(await belay.states(run))).not.toContain('running');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone'], 60);
    expect(await differences('terminated')).toEqual([]);
    expect(await on('node1', 'ps -eo args | grep -c "^[s]leep 0.1" || true')).toBe('0\n');
    await expect(temporal.workflow.getHandle(undoWorkflowId(run, 1)).describe()).resolves.toMatchObject({
      status: { name: 'COMPLETED' },
    });
  });

  it('cancels in the midst of a step, and kills what runs', async () => {
    const run = await belay.start((await belay.plan(cases('long'), { lines: 100 })).hash);
    await seen(() => belay.output(run, 'one', 'node1').then((bytes) => bytes.includes('line 2')));
    await belay.say(run, 'cancel');
    await belay.until(run, ['cancelled'], 40);
    expect((await belay.output(run, 'one', 'node1')).toString()).not.toContain('line 100');
    expect(await on('node1', 'ps -eo args | grep -c "^[s]leep 0.1" || true')).toBe('0\n');
    expect(await on('node1', 'cat /var/log/long.ledger')).toBe('one\n');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
  });

  it('pauses after the present step, and goes on', async () => {
    const run = await belay.start((await belay.plan(cases('long'), { lines: 10 })).hash);
    await seen(() => belay.output(run, 'one', 'node1').then((bytes) => bytes.includes('line 1')));
    expect((await belay.say(run, 'pause')).outcome?.because).toBe('the run pauses after the present step');
    await belay.until(run, ['paused']);
    expect(await belay.states(run)).toMatchObject({ 'one@node1': 'changed', 'two@node1': 'pending' });
    await belay.say(run, 'resume');
    await belay.until(run, ['succeeded']);
    expect(await on('node1', 'cat /var/log/long.ledger')).toBe('one\ntwo\n');
    await belay.say(run, 'undo');
    await belay.until(run, ['undo_incomplete']);
  });

  it('stops an undo for a decision where somebody has changed the file since', async () => {
    const run = await belay.start((await belay.plan(cases('stumble'))).hash);
    await belay.until(run, ['succeeded']);
    await on('node1', 'echo mine >>/etc/stumble.first');
    await belay.say(run, 'undo');
    const stuck = await belay.until(run, ['waiting']);
    expect(stuck.standing).toMatchObject({ for: 'undo-decision', step: 'first', hosts: ['node1'] });
    expect(await on('node1', 'cat /etc/stumble.first')).toBe('first\nmine\n');
    expect((await belay.say(run, 'skip', { reason: 'it is mine' })).outcome?.accepted).toBe(true);
    await belay.until(run, ['undo_incomplete']);
    expect(await on('node1', 'cat /etc/stumble.first; rm /etc/stumble.first')).toBe('first\nmine\n');
    expect(await on('node2', 'ls /etc/stumble.first 2>&1 | grep -c "No such"')).toBe('1\n');
  });

  it('does every effect once and loses no output where the worker is killed in the middle', async () => {
    const run = await belay.start((await belay.plan(cases('long'), { lines: 40 })).hash);
    for (const line of ['one line 3', 'one line 20', 'two line 5']) {
      const step = line.slice(0, 3);
      await seen(() => belay.output(run, step, 'node1').then((bytes) => bytes.includes(line)));
      belay.stack.kill('worker', 'SIGKILL');
    }
    await belay.until(run, ['succeeded'], 90);
    expect(await on('node1', 'cat /var/log/long.ledger')).toBe('one\ntwo\n');
    for (const step of ['one', 'two']) {
      const expected = Array.from({ length: 40 }, (_, index) => `${step} line ${index + 1}\n`).join('');
      expect((await belay.output(run, step, 'node1')).toString()).toBe(expected);
    }
    await belay.say(run, 'undo');
    await belay.until(run, ['undo_incomplete']);
  });
});

/** Waits for a condition; fails after a minute. */
async function seen(condition: () => Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 60_000, interval: 100 }).toBe(true);
}
