import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import type { Verb, VerbArguments } from '../../model/record.js';
import { startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

const cases = (name: string): string => `test/cases/end-to-end/${name}`;

describe('an operator’s word', () => {
  let lab: Lab;
  let belay: Belay;

  beforeAll(async () => {
    lab = await labUp({ name: 'verbs', description: twoNodes });
    belay = await startBelay(lab);
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown('verbs');
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', script])).stdout;
  const states = async (run: string): Promise<Record<string, string>> =>
    Object.fromEntries((await belay.tasks(run)).map((task) => [`${task.step}@${task.host}`, task.state]));
  /** What became of a verb: that it was obeyed, and why or why not. */
  const said = async (run: string, verb: Verb, args?: VerbArguments): Promise<string> =>
    belay.say(run, verb, args).then(
      (answer) => `obeyed: ${answer.outcome?.because}`,
      (error: Error) =>
        `refused: ${(JSON.parse(error.message.slice(error.message.indexOf('{'))) as { detail: string }).detail}`,
    );
  const undone = async (run: string): Promise<void> => {
    await belay.say(run, 'undo');
    await belay.until(run, ['undone', 'undo_incomplete']);
  };
  /** A run of `stumble` that waits because a stone lies on node2. */
  const stumbled = async (): Promise<string> => {
    await on('node2', 'touch /tmp/stone');
    const run = await belay.start((await belay.plan(cases('stumble'))).hash);
    await belay.until(run, ['waiting']);
    return run;
  };

  it('marks a failed task done, by whom and why, and the run goes on', async () => {
    const run = await stumbled();
    const task = { step: 'stone', host: 'node2' };
    expect(await said(run, 'mark-done', { ...task, host: 'node1', reason: 'x' })).toBe(
      'refused: no failed, unreachable or unknown task of this wave goes by that name',
    );
    expect(await said(run, 'mark-done', { ...task, reason: 'carried away by hand' })).toBe(
      'obeyed: 1 task marked done',
    );
    await belay.until(run, ['succeeded']);
    expect(await states(run)).toMatchObject({ 'stone@node2': 'changed', 'last@node2': 'changed' });
    const settled = (await belay.tasks(run)).find((one) => one.step === 'stone' && one.host === 'node2');
    expect(settled?.settledBy).toEqual({ by: 'tester (not authenticated)', because: 'carried away by hand' });
    expect((await belay.events(run)).filter((event) => event.kind === 'task-settled')).toMatchObject([
      { data: { ...task, state: 'changed', because: 'carried away by hand' } },
    ]);
    expect(await said(run, 'mark-done', { ...task, reason: 'again' })).toBe(
      'refused: the run has ended (succeeded); mark-done is for open runs',
    );
    await undone(run);
  });

  it('is obeyed once where two are said at the same moment, and the second learns who was first', async () => {
    const run = await stumbled();
    const task = { step: 'stone', host: 'node2', reason: 'both at once' };
    const answers = await Promise.all([said(run, 'skip', task), said(run, 'mark-done', task)]);
    expect(answers.filter((answer) => answer.startsWith('obeyed'))).toHaveLength(1);
    expect(answers.find((answer) => answer.startsWith('refused'))).toMatch(
      /the last word obeyed was (skip|mark-done), by tester/,
    );
    await belay.until(run, ['succeeded']);
    await undone(run);
  });

  it('asks a lost host again until its deadline, keeps no other host’s result back, and guesses nothing', async () => {
    const run = await belay.start((await belay.plan(cases('lost'))).hash);
    await seen(async () => (await belay.output(run, 'count', 'node2')).includes('begun'));
    await lab.cut('node2', 'DROP');
    await seen(async () => (await states(run))['count@node1'] === 'changed');
    expect(await states(run)).toMatchObject({ 'count@node2': 'running', 'after@node1': 'pending' });
    const stuck = await belay.until(run, ['waiting'], 120);
    expect(stuck.standing).toMatchObject({ for: 'decision' });
    expect(await states(run)).toMatchObject({ 'count@node2': 'unknown', 'after@node1': 'pending' });
    await lab.heal('node2');
    expect(await said(run, 'resume')).toContain('refused: the run is waiting for a decision; resume is possible');
    await belay.say(run, 'mark-done', { step: 'count', host: 'node2', reason: 'the ledger has its line' });
    await belay.until(run, ['succeeded']);
    expect(await on('node2', 'cat /var/log/lost.ledger')).toBe('node2\n');
    await undone(run);
    expect(await on('node2', 'ls /var/log/lost.ledger 2>&1; ps -eo args | grep -c "^[s]leep 60" || true')).toMatch(
      /No such file[^]*\n0\n$/,
    );
  });

  it('goes on asking where the worker dies meanwhile, and takes the end that it finds', async () => {
    const { hash } = await belay.plan(cases('lost'), { seconds: 5, lost_after: '1m' });
    const run = await belay.start(hash);
    await seen(async () => (await belay.output(run, 'count', 'node2')).includes('begun'));
    await lab.cut('node2', 'DROP');
    belay.stack.kill('worker', 'SIGKILL');
    await seen(async () => (await states(run))['count@node1'] === 'changed');
    expect(await states(run)).toMatchObject({ 'count@node2': 'running' });
    await lab.heal('node2');
    await belay.until(run, ['succeeded'], 90);
    expect(await on('node2', 'cat /var/log/lost.ledger')).toBe('node2\n');
    await undone(run);
  });
});

/** Waits for a condition; fails after a minute. */
async function seen(condition: () => Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 60_000, interval: 100 }).toBe(true);
}
