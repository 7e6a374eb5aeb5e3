import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan, PlannedStep } from '../../model/plan.js';
import type { RunEvent } from '../../model/record.js';
import { finalStates } from '../../model/states.js';
import { chanceOf } from '../chaos/chance.js';
import { openCompiled, type Compiled } from '../chaos/compiled.js';
import { ledgerFile, withLedger } from '../chaos/ledger.js';
import { carryThrough } from './carry-through.js';
import { lasting, setCluster } from './gluu-cluster-lab.js';
import { smallPrograms } from './gluu-world.js';

const chance = chanceOf('gluu/cluster whose worker is killed');
const runbook = 'runbooks/gluu/cluster.yaml';
const inputs = { ...smallPrograms, memory: '256MiB', disk: '1GiB', on_balancer: true };
const kills = 10;
const hosts = ['node1', 'node2', 'balancer'];

describe('gluu/cluster whose worker is killed ten times', () => {
  const world = setCluster('gluu-cluster-killed', 'bare');
  const made = {} as { plan: Plan; run: string; killed: readonly string[] };
  const opened: { compiled?: Compiled } = {};

  beforeAll(async () => {
    const { plan } = await world.belay.plan(runbook, inputs);
    opened.compiled = await openCompiled(world.belay);
    Object.assign(made, { plan, run: await opened.compiled.start(withLedger(plan, false)) });
  }, 1_200_000);
  afterAll(async () => {
    await opened.compiled?.close();
  }, 60_000);

  it('ends verified all the same', async () => {
    const chosen = new Set(
      chance
        .shuffled(
          stepsOf(made.plan)
            .filter(beginsForSure)
            .map(({ id }) => id),
        )
        .slice(0, kills),
    );
    const [state, killed] = await Promise.all([end(), killAt(chosen)]);
    made.killed = killed;
    process.stdout.write(`killed at ${killed.join(', ')}\n`);
    expect(state).toBe('succeeded');
    expect(killed.map((one) => one.split('@')[0]).sort()).toEqual([...chosen].sort());
    const states = await world.belay.states(made.run);
    expect(states['verify_login.node1.signed_in@node2']).toBe('ok');
    expect(states['verify_replicates.proof.gluu.node1@node2']).toBe('ok');
  }, 2_400_000);

  it('has done nothing twice, as the hosts themselves have counted', async () => {
    const begun = (await Promise.all(hosts.map(ledgerOf))).flat();
    // A line is host, step and attempt: no attempt has begun its effect twice.
    expect(begun.filter((line, at) => begun.indexOf(line) !== at)).toEqual([]);
    const once = new Set(
      stepsOf(made.plan)
        .filter((step) => !step.repeatable && !step.readOnly)
        .map(({ id }) => id),
    );
    expect(once.size).toBeGreaterThan(0);
    const effects = begun.map((line) => line.split(' ').slice(0, 2).join(' ')).filter((one) => once.has(stepIn(one)));
    expect(effects.filter((one, at) => effects.indexOf(one) !== at)).toEqual([]);
  });

  it('has an effect for every task that is recorded as done, and one record for each', async () => {
    const begun = new Set(
      (await Promise.all(hosts.map(ledgerOf))).flat().map((line) => line.split(' ').slice(0, 2).join(' ')),
    );
    const tasks = await world.belay.tasks(made.run);
    const counted = new Set(
      stepsOf(made.plan)
        .filter(actsOnHost)
        .map(({ id }) => id),
    );
    const done = tasks.filter(({ step, ending }) => ending === 'done' && counted.has(step));
    expect(done.length).toBeGreaterThan(100);
    expect(done.map(({ step, host }) => `${host} ${step}`).filter((one) => !begun.has(one))).toEqual([]);
    const ended = (await world.belay.events(made.run))
      .filter(({ kind }) => kind === 'task-ended')
      .map(({ data }) => `${String(data['step'])}@${String(data['host'])}`);
    expect(ended.filter((one, at) => ended.indexOf(one) !== at)).toEqual([]);
  });

  it('is found as it is by a further run, which changes nothing', async () => {
    const { changed } = await carryThrough(world.belay, runbook, inputs);
    expect(lasting(changed)).toEqual([]);
  }, 1_200_000);

  /** `HOST STEP ATTEMPT` of every effect that has begun there. */
  async function ledgerOf(host: string): Promise<string[]> {
    const text = await world.on(host, `cat ${ledgerFile} 2>/dev/null || true`);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${host} ${line.replace(`${made.run}.`, '')}`);
  }

  /** Waits for the end of the run, giving every approval. */
  async function end(): Promise<string> {
    for (;;) {
      const now = await world.belay.run(made.run);
      if (finalStates.includes(now.state)) return now.state;
      if (now.state === 'paused' || (now.state === 'waiting' && !now.approval)) throw new Error(await troubles());
      if (now.state === 'waiting' && now.approval) await world.belay.approve(made.run, now.approval.phase);
      await sleep(200);
    }
  }

  async function troubles(): Promise<string> {
    const failed = (await world.belay.tasks(made.run)).filter(({ failure, state }) => failure ?? state === 'unknown');
    return failed
      .map(({ step, host, state, failure }) => `${step}@${host} ${state}: ${JSON.stringify(failure)}`)
      .join('\n');
  }

  /** Kills the worker soon after each of these steps has begun on its first host; gives `step@host`. */
  async function killAt(steps: ReadonlySet<string>): Promise<string[]> {
    const killed: string[] = [];
    for (let seen = 0; !finalStates.includes((await world.belay.run(made.run)).state); await sleep(100)) {
      const answer = await world.belay.request(`/v1/runs/${made.run}/events?after=${String(seen)}&limit=100`);
      const { events } = (await answer.json()) as { events: RunEvent[] };
      seen = events.at(-1)?.sequence ?? seen;
      for (const [step, host] of events.flatMap(beginning)) {
        // The next worker begins the same attempt once more, and is left to end it.
        if (!steps.has(step) || killed.some((one) => one.startsWith(`${step}@`))) continue;
        await sleep(chance.next() * 900);
        world.belay.stack.kill('worker', 'SIGKILL');
        killed.push(`${step}@${host}`);
      }
    }
    return killed;
  }
});

/** Step and host of a step's beginning. */
function beginning({ kind, data }: RunEvent): [step: string, host: string][] {
  const [first] = (data['attempts'] ?? []) as { host: string }[];
  return kind === 'step-started' && first ? [[String(data['step']), first.host]] : [];
}

const stepsOf = (plan: Plan): PlannedStep[] => plan.phases.flatMap(({ steps }) => steps);
const actsOnHost = ({ operations }: PlannedStep): boolean => operations.some(({ on }) => on === 'host');
/** Where the run alone knows whether a step is due, it may never begin. */
const beginsForSure = (step: PlannedStep): boolean => step.when === undefined && actsOnHost(step);
const stepIn = (effect: string): string => effect.split(' ')[1] ?? '';
