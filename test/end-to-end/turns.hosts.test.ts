import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { phaseWorkflowId } from '../../workflows/messages.js';
import { type } from '../cli/cli.js';
import { cases, startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

describe('the turns that a run can take', () => {
  let lab: Lab;
  let belay: Belay;
  let temporal: Client;

  beforeAll(async () => {
    lab = await labUp({ name: 'turns', description: twoNodes });
    belay = await startBelay(lab);
    temporal = new Client({ connection: await Connection.connect({ address: belay.stack.temporalAddress }) });
  }, 600_000);
  afterAll(async () => {
    await temporal?.connection.close();
    await belay?.stop();
    await labDown('turns');
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', script])).stdout;
  const shows = async (run: string): Promise<number> =>
    (await type(`run show ${run} --exit-code`, { environment: { BELAY_DATA: belay.data } })).code;
  const terminate = async (run: string): Promise<void> =>
    void (await temporal.workflow.getHandle(phaseWorkflowId(run, 0, 0)).terminate('a test'));

  it('a host that may fail leaves its wave, the others go on; waves go in turn, and tries in rounds', async () => {
    await on('node2', 'touch /tmp/stone');
    const run = await belay.start((await belay.plan(cases('borne'))).hash);
    await belay.until(run, ['succeeded']);
    await on('node2', 'rm /tmp/stone');
    expect(await belay.states(run)).toEqual({
      'stone@node1': 'ok',
      'stone@node2': 'failed',
      'behind@node1': 'changed',
      'behind@node2': 'pending',
      'third@node1': 'changed',
      'third@node2': 'changed',
      'turn@node1': 'ok',
      'turn@node2': 'ok',
    });
    expect(await on('node2', 'ls /var/log/borne.ledger 2>&1 | grep -c "No such"')).toBe('1\n');
    expect(await on('node1', 'wc -l </var/log/borne.tries')).toBe('3\n');
    const attempts = (await belay.tasks(run)).filter(({ step }) => step === 'third').map(({ attempt }) => attempt);
    expect(attempts).toEqual([3, 3]);
    const order = (await belay.events(run)).flatMap(({ kind, data }) =>
      kind === 'task-ended' && data['ending'] === 'done' && ['third', 'turn'].includes(String(data['step']))
        ? [`${String(data['step'])}@${String(data['host'])}`]
        : [],
    );
    expect(order).toEqual(['third@node1', 'turn@node1', 'third@node2', 'turn@node2']);
    // What Temporal's web UI shows beside each activity.
    const history = await temporal.workflow.getHandle(phaseWorkflowId(run, 0, 0)).fetchHistory();
    const summaries = (history.events ?? []).flatMap(({ userMetadata }) => userMetadata?.summary?.data ?? []);
    const [together, behind] = summaries.map((data) => JSON.parse(Buffer.from(data).toString()) as string);
    expect(together).toBe(
      '[Together] Nothing lies in the way … What is behind the stone is reached (2 steps) @ node1, node2',
    );
    expect(behind).toBe('[Together] What is behind the stone is reached @ node1');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
    expect(await on('node1', 'ls /var/log/borne.* 2>/dev/null | wc -l')).toBe('0\n');
  });

  it('`on_failure: stop` ends the run where a host fails, and it can still be undone', async () => {
    await on('node2', 'touch /tmp/stone');
    const run = await belay.start((await belay.plan(cases('stops'))).hash);
    const ended = await belay.until(run, ['failed']);
    await on('node2', 'rm /tmp/stone');
    expect(ended.standing['because']).toBe('a host failed, and on_failure is stop');
    expect(await belay.states(run)).toMatchObject({ 'stone@node2': 'failed', 'last@node1': 'pending' });
    expect(await shows(run)).toBe(3);
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
  });

  it('an approval that nobody gives in time ends the run, or takes it back', async () => {
    const late = await belay.start((await belay.plan(cases('asks'), { patience: '1s' })).hash);
    const ended = await belay.until(late, ['timed_out']);
    expect(ended.standing['because']).toBe('nobody approved in time');
    expect(await shows(late)).toBe(7);
    const run = await belay.start((await belay.plan(cases('asks'))).hash);
    await belay.until(run, ['waiting']);
    await belay.approve(run, 0);
    await belay.until(run, ['undone']);
    expect(await on('node1', 'ls /etc/asks* 2>/dev/null | wc -l')).toBe('0\n');
    expect(await shows(run)).toBe(8);
  });

  it('a phase that Temporal has lost is taken up again once, then somebody is to look', async () => {
    const run = await belay.start((await belay.plan(cases('long'), { lines: 60 })).hash);
    const said = (line: string) => async (): Promise<boolean> =>
      (await belay.output(run, 'one', 'node1')).includes(line);
    await expect.poll(said('line 3\n'), { timeout: 60_000, interval: 50 }).toBe(true);
    await terminate(run);
    await expect.poll(said('line 25\n'), { timeout: 60_000, interval: 50 }).toBe(true);
    expect((await belay.run(run)).state).toBe('running');
    await terminate(run);
    await belay.until(run, ['paused']);
    await belay.say(run, 'resume');
    await belay.until(run, ['succeeded']);
    expect(await on('node1', 'cat /var/log/long.ledger')).toBe('one\ntwo\n');
    await belay.say(run, 'undo');
    await belay.until(run, ['undo_incomplete']);
  });
});
