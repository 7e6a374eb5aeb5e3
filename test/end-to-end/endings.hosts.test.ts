import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Ending, TaskState } from '../../model/states.js';
import { setStage } from './stage.js';

interface Case {
  readonly it: string;
  /** Makes the host what the case begins with. */
  readonly before?: string;
  readonly step: Readonly<Record<string, unknown>>;
  readonly state: TaskState;
  readonly ending?: Ending;
  readonly kind?: string;
  /** Part of what is said to be known. */
  readonly known?: string;
}
const cases = parse(readFileSync('test/cases/end-to-end/endings.yaml', 'utf8')) as Case[];

describe('a step on a real host', () => {
  const stage = setStage('endings', { about: 'One plain host', hosts: { node1: {} }, groups: { nodes: ['node1'] } });
  const folder = mkdtempSync(join(tmpdir(), 'belay-endings-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const on = async (script: string): Promise<string> => (await stage.lab.exec('node1', ['sh', '-euc', script])).stdout;

  /** Starts a run of one step, which ends where that fails. */
  async function begun(step: Readonly<Record<string, unknown>>): Promise<string> {
    const steps = [{ id: 'it', step: 'It is so', ...step }];
    const phases = [{ phase: 'Only', hosts: 'nodes', on_failure: 'stop', steps }];
    const runbook = { runbook: 'endings', about: 'One step.', groups: { nodes: { min: 1 } }, phases };
    writeFileSync(join(folder, 'runbook.yaml'), stringify(runbook));
    return stage.belay.start((await stage.belay.plan(folder)).hash);
  }

  it.each(cases)('that $it is $state', async ({ before, step, state, ending, kind, known }) => {
    if (before !== undefined) await on(before);
    const run = await begun(step);
    await stage.belay.until(run, [state === 'ok' ? 'succeeded' : 'failed']);
    const [task] = await stage.belay.tasks(run);
    expect(task).toMatchObject({ state, ...(ending === undefined ? {} : { ending }) });
    if (kind !== undefined) expect(task?.failure?.kind).toBe(kind);
    if (known !== undefined) expect(task?.failure?.known).toContain(known);
    if (task?.failure) expect(task.failure.tried).toBe('It is so (it) on node1, attempt 1');
    if (task?.failure) expect(task.failure.next).not.toBe('');
  });

  it('whose undo fails is tried again by itself until it is back', async () => {
    await on('echo old >/etc/endings');
    const run = await begun({ file: { path: '/etc/endings', content: 'new\n' } });
    await stage.belay.until(run, ['succeeded']);
    // What is mounted upon cannot be replaced.
    await on('mount --bind /etc/endings /etc/endings');
    await stage.belay.say(run, 'undo');
    const failed = async (): Promise<boolean> =>
      (await stage.belay.events(run)).some(
        ({ kind, data }) => kind === 'task-undone' && data['outcome'] === 'undo_failed',
      );
    await expect.poll(failed, { timeout: 60_000, interval: 100 }).toBe(true);
    expect((await stage.belay.tasks(run))[0]).toMatchObject({
      state: 'undo_failed',
      failure: { kind: 'undo/not-restored' },
    });
    await on('umount /etc/endings');
    await stage.belay.until(run, ['undone'], 90);
    expect(await on('cat /etc/endings; rm /etc/endings')).toBe('old\n');
  });

  it('whose own undo step ran out of time goes back by it once that can end', async () => {
    await on('touch /tmp/slow');
    const undo = { shell: '[ ! -e /tmp/slow ] || sleep 60; rm -f /srv/it', timeout: '1s' };
    const run = await begun({ shell: 'touch /srv/it', undo: { steps: [{ id: 'gone', step: 'It is gone', ...undo }] } });
    await stage.belay.until(run, ['succeeded']);
    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['waiting'], 120);
    expect((await stage.belay.tasks(run))[0]).toMatchObject({
      state: 'undo_failed',
      failure: { kind: 'step/timed-out' },
    });
    await on('rm /tmp/slow');
    await stage.belay.say(run, 'retry');
    await stage.belay.until(run, ['undone']);
    expect(await on('[ -e /srv/it ] || echo gone')).toBe('gone\n');
  });

  it('whose own undo step died goes back by it when a person says so, and not before', async () => {
    await on('rm -f /srv/tries; touch /tmp/deadly');
    // The runner's wrapper dies with it, so that nothing is left to tell its end.
    const dies = 'if [ -e /tmp/deadly ]; then echo tried >>/srv/tries; kill -9 "$PPID" $$; fi; rm /srv/it';
    const run = await begun({
      shell: 'touch /srv/it',
      undo: { steps: [{ id: 'gone', step: 'It is gone', shell: dies }] },
    });
    await stage.belay.until(run, ['succeeded']);
    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['waiting'], 120);
    expect((await stage.belay.tasks(run))[0]).toMatchObject({
      state: 'undo_failed',
      failure: { kind: 'step/outcome-unknown', next: 'look at the host; `retry` does it again, `skip` leaves it' },
    });
    await on('rm /tmp/deadly');
    await stage.belay.say(run, 'retry');
    await stage.belay.until(run, ['undone']);
    expect(await on('cat /srv/tries; [ -e /srv/it ] || echo gone')).toBe('tried\ngone\n');
  });
});
