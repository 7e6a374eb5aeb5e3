import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskAnswer } from '../../model/answers.js';
import type { RunEvent } from '../../model/record.js';
import { finalStates } from '../../model/states.js';
import { chanceOf, whole } from './chance.js';
import { ledgerFile, linesEach, withLedger } from './ledger.js';
import { Proof } from './proof.js';
import { openStage, type Stage } from './stage.js';

const chance = chanceOf('killed worker');
const hosts = ['cache', 'node1', 'node2', 'directory'];

/** Whether the `do` of a task ran: nothing of what was so already did. What changes a directory is no script on a host. */
const didOnHost = ({ step, ending }: TaskAnswer): boolean => ending === 'done' && step !== 'settings';

describe('a run whose worker is killed again and again', () => {
  let stage: Stage;
  let run: string;
  /** `step@host` where the worker was killed. */
  let killed: readonly string[] = [];

  beforeAll(async () => {
    stage = await openStage('chaos-kill');
    await stage.lab.mark('start');
  }, 600_000);
  afterAll(async () => stage?.close(), 120_000);

  it('ends as it should', { timeout: 1_500_000 }, async () => {
    const steps = stage.plan.phases.flatMap((phase) => phase.steps.filter((step) => !step.when).map((step) => step.id));
    const chosen = whole ? steps : chance.shuffled(steps).slice(0, 6);
    run = await stage.start(withLedger(stage.plan));
    let state: string;
    [state, killed] = await Promise.all([stage.end(run, 1_400), killAt(run, new Set(chosen))]);
    process.stdout.write(`killed at ${killed.join(', ')}\n`);
    expect(state).toBe('succeeded');
    expect([...new Set(killed.map((step) => step.split('@')[0]))].sort()).toEqual([...chosen].sort());
  });

  it('has had every effect once, as the hosts themselves have counted', async () => {
    const effects = (await Promise.all(hosts.map(ledgerOf))).flat();
    expect(effects).toEqual([...new Set(effects)]);
    const tasks = await stage.belay.tasks(run);
    const done = tasks.filter(didOnHost);
    expect(new Set(effects.map((line) => line.replace(/ \d+$/, '')))).toEqual(
      new Set(done.map((task) => `${task.host} ${run}.${task.step}`)),
    );
    expect(tasks.filter((task) => !['changed', 'skipped', 'ok'].includes(task.state))).toEqual([]);
  });

  it('is told step by step', async () => {
    const proof = new Proof({
      name: 'kill-table',
      title: 'The worker is killed at every step',
      columns: [
        'step',
        'host',
        'ended',
        'its `do` began, by the count of its host',
        'lines of output, of those it wrote',
      ],
      rows: killed.length,
      seed: chance.seed,
    });
    const tasks = await stage.belay.tasks(run);
    for (const one of killed) {
      const [step = '', host = ''] = one.split('@');
      const task = tasks.find((other) => other.step === step && other.host === host);
      const begun = (await ledgerOf(host)).filter((line) => line.startsWith(`${host} ${run}.${step} `)).length;
      const output = (await stage.belay.output(run, step, host, '?stream=stderr')).toString();
      const lines = output.split('\n').filter((line) => line.startsWith('ledger line')).length;
      proof.add([
        step,
        host,
        task?.state ?? 'not known',
        // What was so already has no effect, and what changes a directory is no script on a host.
        begun === 0 ? 'never' : `${String(begun)} times`.replace(/^1 times$/, 'once'),
        begun === 0 ? '-' : `${String(lines)} of ${String(linesEach)}`,
      ]);
      expect(task?.state).toMatch(/^(changed|ok)$/);
      expect(begun).toBeLessThanOrEqual(1);
    }
    proof.print();
  });

  it('has lost no output', async () => {
    const told = Array.from({ length: linesEach }, (_, index) => `ledger line ${index + 1}`);
    const tasks = (await stage.belay.tasks(run)).filter(didOnHost);
    for (const { step, host } of tasks) {
      const stderr = (await stage.belay.output(run, step, host, '?stream=stderr')).toString();
      expect(
        stderr.split('\n').filter((line) => line.startsWith('ledger line')),
        `${step} on ${host}`,
      ).toEqual(told);
    }
  });

  it('has forgotten no restart', async () => {
    expect(await stage.on('cache', 'redis-cli -p 6379 PING')).toMatch(/^NOAUTH/);
    const password = 'REDISCLI_AUTH=$(sed -n "s/^requirepass //p" /etc/redis/redis.conf) redis-cli -p';
    expect(await stage.on('cache', `${password} 6379 PING`)).toBe('PONG\n');
  });

  it('goes back until the hosts are as they were', { timeout: 180_000 }, async () => {
    await stage.belay.say(run, 'undo');
    expect(await stage.end(run, 150)).toBe('undone');
    for (const host of hosts) await stage.on(host, `rm -f ${ledgerFile}`);
    expect(await stage.differences('start')).toEqual([]);
  });

  async function ledgerOf(host: string): Promise<string[]> {
    const text = await stage.on(host, `cat ${ledgerFile} 2>/dev/null || true`);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${host} ${line}`);
  }

  /** Kills the worker soon after each of these steps has begun, on every host where all is tried; gives `step@host` where it did. */
  async function killAt(of: string, steps: ReadonlySet<string>): Promise<string[]> {
    const killed: string[] = [];
    for (let seen = 0; !finalStates.includes((await stage.belay.run(of)).state); await sleep(50)) {
      const { events } = (await (
        await stage.belay.request(`/v1/runs/${of}/events?after=${seen}&limit=100`)
      ).json()) as { events: RunEvent[] };
      seen = events.at(-1)?.sequence ?? seen;
      for (const step of events.flatMap(beginning)) {
        // The next worker begins the same attempt once more, and is left to end it.
        const [id = ''] = step.split('@');
        if (!steps.has(id) || killed.some((one) => one === step || (!whole && one.startsWith(`${id}@`)))) continue;
        await sleep(chance.next() * 900);
        stage.belay.stack.kill('worker', 'SIGKILL');
        killed.push(step);
      }
    }
    return killed;
  }
});

/** `step@host` of a step's beginning. */
function beginning({ kind, data }: RunEvent): string[] {
  const [first] = (data['attempts'] ?? []) as { host: string }[];
  return kind === 'step-started' && first ? [`${String(data['step'])}@${first.host}`] : [];
}
