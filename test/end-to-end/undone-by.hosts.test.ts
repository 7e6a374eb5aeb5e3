// cspell:ignore leep
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cases } from './belay.js';
import { setStage } from './stage.js';
import { twoNodes } from './two-nodes.js';

const nodes = ['node1', 'node2'] as const;

describe('a step that goes back with an earlier one', () => {
  const stage = setStage('undone-by', twoNodes);
  const on = async (host: string, script: string): Promise<string> =>
    (await stage.lab.exec(host, ['sh', '-c', script])).stdout;
  const onAll = async (script: string): Promise<string[]> => Promise.all(nodes.map(async (host) => on(host, script)));
  /** All that is in the store and on the shelf. */
  const there = async (): Promise<string[]> =>
    onAll(
      'cd /srv && find shelf store -type f -exec sh -c \'printf "%s: " "$1"; cat "$1"\' - {} \\; 2>/dev/null | sort',
    );

  beforeEach(async () => void (await onAll('mkdir /srv/store && echo old >/srv/store/entry')));
  afterEach(async () => void (await onAll('rm -rf /srv/store /srv/shelf /tmp/unkept /tmp/hold')));

  /** A run that has done all there was to do. */
  const filled = async (runbook = 'undone-by'): Promise<string> => {
    const run = await stage.belay.start((await stage.belay.plan(cases(runbook))).hash);
    await stage.belay.until(run, ['succeeded']);
    return run;
  };
  /** What was said of tasks on their way back, in the order in which it was. */
  const said = async (run: string, undo = 1): Promise<string[]> =>
    (await stage.belay.events(run)).flatMap(({ kind, data }) =>
      kind === 'task-undone' && data['undo'] === undo
        ? [`${String(data['step'])}@${String(data['host'])} ${String(data['outcome'])}`]
        : [],
    );
  /** Why tasks of a step were left as they are, by host. */
  const whyLeft = async (run: string, step: string): Promise<Record<string, string | undefined>> =>
    Object.fromEntries(
      (await stage.belay.tasks(run)).flatMap((task) =>
        task.step === step ? [[task.host, task.left && `${task.state}: ${task.left.because}`]] : [],
      ),
    );

  it('is undone at once with that one, and its hosts are as they were', async () => {
    const run = await filled();
    const both = 'shelf/book: book\nstore/entry: new\nstore/more: more\n';
    expect(await there()).toEqual([both, both]);
    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['undone']);
    expect(await there()).toEqual(['store/entry: old\n', 'store/entry: old\n']);
    const onBoth = (step: string, outcome: string): string[] => nodes.map((host) => `${step}@${host} ${outcome}`);
    expect((await said(run)).filter((one) => !one.startsWith('asked@'))).toEqual([
      ...onBoth('book', 'left'),
      ...onBoth('filled', 'left'),
      ...onBoth('between', 'undone'),
      ...onBoth('kept', 'undone'),
      ...onBoth('filled', 'undone'),
      ...onBoth('shelf', 'undone'),
      ...onBoth('book', 'undone'),
    ]);
    const back = (await stage.belay.events(run)).filter(
      ({ kind, data }) =>
        kind === 'task-undone' && data['outcome'] === 'undone' && ['kept', 'filled'].includes(String(data['step'])),
    );
    // Written together: nothing else was said in between.
    expect(back.map(({ sequence }) => sequence - back[0]!.sequence)).toEqual([0, 1, 2, 3]);
    expect(back[2]?.data['summary']).toBe('it has gone back with The store is kept (kept)');
    expect(new Set(Object.values(await stage.belay.states(run)))).toEqual(new Set(['undone']));
  });

  it('stays where that one had found all so already, and where it was skipped', async () => {
    await on('node1', 'mkdir /srv/shelf');
    await on('node2', 'touch /tmp/unkept');
    const run = await filled();
    expect(await stage.belay.states(run)).toMatchObject({ 'shelf@node1': 'ok', 'kept@node2': 'skipped' });
    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['undo_incomplete']);
    expect(await there()).toEqual(['shelf/book: book\nstore/entry: old\n', 'store/entry: new\nstore/more: more\n']);
    const nothing = 'which has changed nothing there, so its undo takes nothing back';
    expect(await whyLeft(run, 'book')).toEqual({
      node1: `changed: it goes back with There is a shelf (shelf), ${nothing}`,
      node2: undefined,
    });
    expect(await whyLeft(run, 'filled')).toEqual({
      node1: undefined,
      node2: `changed: it goes back with The store is kept (kept), ${nothing}`,
    });
  });

  it('stays where the undo ends before that one, and goes back once that one does', async () => {
    const run = await filled();
    await stage.belay.say(run, 'undo', { to: 'filled' });
    await stage.belay.until(run, ['paused']);
    expect(await said(run)).toEqual([
      ...nodes.map((host) => `book@${host} left`),
      ...nodes.map((host) => `filled@${host} left`),
    ]);
    const because = 'changed: it goes back with The store is kept (kept), which this undo does not reach';
    expect(await whyLeft(run, 'filled')).toEqual({ node1: because, node2: because });
    expect(await there()).toEqual(Array(2).fill('shelf/book: book\nstore/entry: new\nstore/more: more\n'));
    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['undone']);
    expect(await there()).toEqual(Array(2).fill('store/entry: old\n'));
  });

  it('goes back on the one host that goes back alone, and stays on the other', async () => {
    const run = await filled();
    await stage.belay.say(run, 'undo', { host: 'node2' });
    await stage.belay.until(run, ['paused']);
    expect(await stage.belay.states(run)).toMatchObject({
      'kept@node1': 'changed',
      'filled@node1': 'changed',
      'kept@node2': 'undone',
      'filled@node2': 'undone',
    });
    expect(await there()).toEqual(['shelf/book: book\nstore/entry: new\nstore/more: more\n', 'store/entry: old\n']);
    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['undone']);
    expect(await there()).toEqual(Array(2).fill('store/entry: old\n'));
  });

  it('goes back with its later wave, whose first steps an undo to the last one reaches, and is done anew', async () => {
    const run = await filled('undone-by-waves');
    await stage.belay.say(run, 'undo', { to: 'shelf' });
    await stage.belay.until(run, ['paused']);
    expect(await there()).toEqual(['store/entry: new\nstore/more: more\n', 'store/entry: old\n']);
    expect(await stage.belay.states(run)).toMatchObject({ 'filled@node1': 'changed', 'filled@node2': 'pending' });
    await stage.belay.say(run, 'resume');
    await stage.belay.until(run, ['succeeded']);
    expect(await there()).toEqual(Array(2).fill('store/entry: new\nstore/more: more\n'));
    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['undone']);
    expect(await there()).toEqual(Array(2).fill('store/entry: old\n'));
  });

  it('goes back with it though the worker is killed between the two', async () => {
    const run = await filled();
    await onAll('touch /tmp/hold');
    await stage.belay.say(run, 'undo');
    const held = async (): Promise<string[]> => onAll('ps -eo args | grep -c "^[s]leep 0.1" || true');
    await expect.poll(held, { timeout: 60_000, interval: 100 }).toEqual(['1\n', '1\n']);
    expect(await stage.belay.states(run)).toMatchObject({ 'filled@node1': 'changed', 'kept@node1': 'changed' });
    expect(await whyLeft(run, 'filled')).toMatchObject({ node1: expect.stringMatching(/that has not gone back yet$/) });
    stage.belay.stack.kill('worker', 'SIGKILL');
    await onAll('rm /tmp/hold');
    await stage.belay.until(run, ['undone'], 120);
    expect(await there()).toEqual(Array(2).fill('store/entry: old\n'));
    const steps = (await said(run)).filter((one) => one.startsWith('filled@'));
    expect(steps).toEqual(['left', 'undone'].flatMap((outcome) => nodes.map((host) => `filled@${host} ${outcome}`)));
  });
});
