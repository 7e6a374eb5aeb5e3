import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { type } from '../cli/cli.js';
import { cases, startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

/** What the runbook writes down at each beginning of a step, by hand of the host itself. */
const ledger = 'cat /var/log/long.ledger 2>/dev/null || true';

describe('a host that loses power in the middle of a step', () => {
  let lab: Lab;
  let belay: Belay;

  beforeAll(async () => {
    lab = await labUp({ name: 'unknown', description: twoNodes });
    belay = await startBelay(lab);
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown('unknown');
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', script])).stdout;

  /** Cuts the power of node1 while it carries out its first step, and waits until the run asks what to do. */
  async function cut(runbook = 'long'): Promise<string> {
    const run = await belay.start((await belay.plan(cases(runbook), { lines: 20 })).hash);
    const seen = async (): Promise<boolean> => (await belay.output(run, 'one', 'node1')).includes('line 3');
    await expect.poll(seen, { timeout: 60_000, interval: 50 }).toBe(true);
    const before = await on('node1', 'cat /proc/sys/kernel/random/boot_id');
    await lab.powerCut('node1');
    await lab.powerOn('node1');
    expect(await on('node1', 'cat /proc/sys/kernel/random/boot_id')).not.toBe(before);
    expect((await belay.until(run, ['waiting'], 90)).standing).toMatchObject({ for: 'decision' });
    return run;
  }

  it('leaves its task unknown, says so, and does it again when told to', async () => {
    const run = await cut();
    expect(await belay.states(run)).toEqual({
      'one@node1': 'unknown',
      'one@node2': 'changed',
      'two@node1': 'pending',
      'two@node2': 'pending',
    });
    const task = (await belay.tasks(run)).find((one) => one.step === 'one' && one.host === 'node1');
    expect(task).toMatchObject({ attempt: 1, settled: true, ending: 'unknown' });
    expect(task?.failure).toMatchObject({
      kind: 'host/rebooted',
      known: 'the host has restarted since; whether the step took effect is not known',
      next: 'look at the host; then retry, skip or undo',
    });
    const shown = await type(`run show ${run} --exit-code`, { environment: { BELAY_DATA: belay.data } });
    expect(shown.code).toBe(11);
    expect(shown.out).toMatch(/one +node1 +unknown +host\/rebooted: the host has restarted since; whether the step/);
    expect(shown.out).toContain(`The run waits for a decision:\n  belay run retry ${run}\n`);
    expect(await on('node1', ledger)).toBe('one\n');

    expect((await belay.say(run, 'retry')).outcome).toEqual({ accepted: true, because: '1 task to be tried again' });
    await belay.until(run, ['succeeded'], 90);
    expect(await belay.states(run)).toMatchObject({
      'one@node1': 'changed',
      'two@node1': 'changed',
      'two@node2': 'changed',
    });
    expect(await on('node1', ledger)).toBe('one\none\ntwo\n');
    expect(await on('node2', ledger)).toBe('one\ntwo\n');
    await belay.say(run, 'undo');
    // The second step has said that it cannot be undone.
    await belay.until(run, ['undo_incomplete'], 90);
    expect(await on('node1', ledger)).toBe('');
  });

  it('is passed over when told to, with the reason kept, and taken back all the same', async () => {
    const run = await cut();
    await expect(belay.say(run, 'skip', { step: 'two', reason: 'no such failure' })).rejects.toThrow(
      'no failed, unreachable or unknown task of this wave goes by that name',
    );
    const skipped = await belay.say(run, 'skip', { step: 'one', host: 'node1', reason: 'the ledger has its line' });
    expect(skipped.outcome).toEqual({ accepted: true, because: '1 task skipped' });
    await belay.until(run, ['succeeded'], 90);
    const task = (await belay.tasks(run)).find((one) => one.step === 'one' && one.host === 'node1');
    expect(task).toMatchObject({
      state: 'skipped',
      ending: 'unknown',
      settledBy: { by: 'tester (not authenticated)', because: 'the ledger has its line' },
    });
    expect(await on('node1', ledger)).toBe('one\ntwo\n');
    await belay.say(run, 'undo');
    await belay.until(run, ['undo_incomplete'], 90);
    expect(await on('node1', ledger)).toBe('');
  });

  it('is taken back when told to, with what nobody knew to have happened', async () => {
    const run = await cut();
    expect(await on('node1', ledger)).toBe('one\n');
    expect((await belay.say(run, 'undo')).outcome).toEqual({ accepted: true, because: 'the run goes back' });
    await belay.until(run, ['undone'], 90);
    expect(await belay.states(run)).toMatchObject({ 'one@node1': 'undone', 'one@node2': 'undone' });
    expect(await on('node1', ledger)).toBe('');
    expect(await on('node2', ledger)).toBe('');
    const shown = await type(`run show ${run} --exit-code`, { environment: { BELAY_DATA: belay.data } });
    expect(shown.code).toBe(8);
  });

  it('is left to a person at the end of its wave, though one host may fail and a failure ends the run; the other host has gone on', async () => {
    const run = await cut('unsettled');
    expect(await belay.states(run)).toEqual({
      ...{ 'one@node1': 'unknown', 'two@node1': 'pending', 'later@node1': 'pending' },
      ...{ 'one@node2': 'changed', 'two@node2': 'changed', 'later@node2': 'pending' },
    });
    await belay.say(run, 'mark-done', { step: 'one', host: 'node1', reason: 'the ledger has its line' });
    await belay.until(run, ['succeeded'], 90);
    expect(await belay.states(run)).toMatchObject({
      ...{ 'one@node1': 'changed', 'two@node1': 'changed', 'later@node1': 'changed', 'later@node2': 'changed' },
    });
    expect(await on('node1', ledger)).toBe('one\n');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone'], 90);
    for (const host of ['node1', 'node2'])
      expect(await on(host, `${ledger}; ls /etc/unsettled.* 2>/dev/null | wc -l`)).toBe('0\n');
  });

  it('stays unknown where somebody says to try again and its host is still away', async () => {
    const run = await belay.start((await belay.plan(cases('lost'), { seconds: 300 })).hash);
    const begun = async (): Promise<boolean> => (await belay.output(run, 'count', 'node2')).includes('begun');
    await expect.poll(begun, { timeout: 60_000, interval: 50 }).toBe(true);
    await lab.cut('node2', 'DROP');
    await belay.until(run, ['waiting'], 120);
    await belay.say(run, 'retry');
    const task = async () => (await belay.tasks(run)).find((one) => one.step === 'count' && one.host === 'node2');
    await expect.poll(async () => (await task())?.attempt, { timeout: 120_000, interval: 200 }).toBe(2);
    expect((await belay.until(run, ['waiting'], 120)).standing).toMatchObject({ for: 'decision' });
    expect(await task()).toMatchObject({
      ...{ state: 'unknown', attempt: 2, ending: 'unknown' },
      failure: {
        kind: 'host/unreachable',
        known: expect.stringContaining('what an earlier try of it did is still not'),
      },
    });
    await lab.heal('node2');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone'], 120);
    expect(await on('node2', 'ls /var/log/lost.ledger 2>&1; ps -eo args | grep -cx "sleep 300" || true')).toMatch(
      /No such file[^]*\n0\n$/,
    );
  });
});
