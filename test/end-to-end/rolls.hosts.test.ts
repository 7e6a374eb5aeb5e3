import { describe, expect, it } from 'vitest';
import { cases } from './belay.js';
import { setStage } from './stage.js';

describe('phases that are repeated for each node, on real hosts', () => {
  const stage = setStage('rolls', {
    about: 'A balancer before two nodes',
    hosts: { balancer: {}, node1: {}, node2: {} },
    groups: { balancer: ['balancer'], nodes: ['node1', 'node2'] },
  });
  const hosts = ['balancer', 'node1', 'node2'];

  const on = async (host: string, script: string): Promise<string> =>
    (await stage.lab.exec(host, ['sh', '-c', script])).stdout;
  /** What happened on all hosts since it was last asked, in the order of time. */
  const happened = async (): Promise<string[]> => {
    const lines = await Promise.all(hosts.map((host) => on(host, 'cat /var/log/rolls; rm -f /var/log/rolls')));
    const sorted = lines.flatMap((text) => text.split('\n').filter(Boolean)).sort();
    return sorted.map((line) => line.slice(line.indexOf(' ') + 1));
  };
  const ask = async (run: string): Promise<string | undefined> =>
    (await stage.belay.until(run, ['waiting'])).approval?.ask;

  it('happen one node after another, and go back the other way round', async () => {
    const { belay } = stage;
    const run = await belay.start((await belay.plan(cases('rolls'))).hash);
    expect(await ask(run)).toBe('Restart node1, number 1?');
    expect(await happened()).toEqual(['drain node1']);
    await belay.approve(run, 1);
    await expect.poll(async () => ask(run), { timeout: 60_000 }).toBe('Restart node2, number 2?');
    expect(await happened()).toEqual(['restart out-node1', 'send node1', 'drain node2']);
    await belay.approve(run, 4);
    await belay.until(run, ['succeeded']);
    expect(await happened()).toEqual(['restart out-node2', 'send node2']);
    const rest = (await belay.tasks(run)).filter(({ step }) => step === 'rest');
    expect(rest.map(({ host, summary }) => [host, summary])).toEqual([['node2', 'node1, then node2; 2 were drained']]);
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
    expect(await happened()).toEqual([
      'out again node2',
      'restart back node2',
      'not drained node2',
      'out again node1',
      'restart back node1',
      'not drained node1',
    ]);
  });

  it('go back as far as they came where a node fails, and the last node is not touched', async () => {
    const { belay } = stage;
    await on('node1', 'touch /tmp/stone');
    const run = await belay.start((await belay.plan(cases('rolls'))).hash);
    expect(await ask(run)).toBe('Restart node1, number 1?');
    await belay.approve(run, 1);
    await belay.until(run, ['undone', 'undo_incomplete']);
    expect((await belay.states(run))['restart.node2@node2']).toBe('pending');
    expect((await happened()).filter((line) => !line.startsWith('restart back'))).toEqual([
      'drain node1',
      'not drained node1',
    ]);
    expect(await on('balancer', 'ls /srv')).toBe('');
  });
});
