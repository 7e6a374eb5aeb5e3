import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chanceOf, whole } from './chance.js';
import { injected, onlyPhase, ways, withFault, type Fault, type Way } from './faults.js';
import { Proof } from './proof.js';
import { openStage, type Stage } from './stage.js';

const chance = chanceOf('undo table');

interface Case {
  readonly phase: number;
  readonly step: string;
  readonly kind: string;
  readonly way: Way;
}

/** Every step of the demonstration, each way, in the order of the phases; or of each way two. */
function cases(): Case[] {
  const { phases } = parse(readFileSync('runbooks/gluu-cache/runbook.yaml', 'utf8')) as {
    phases: { steps: { id: string }[] }[];
  };
  const kinds = ['package', 'edit', 'service', 'certificate', 'file', 'port', 'ldap.json', 'command', 'shell'];
  const all = phases.flatMap(({ steps }, phase) =>
    steps.flatMap((step) =>
      ways.map((way) => ({ phase, step: step.id, kind: kinds.find((kind) => kind in step) ?? '?', way })),
    ),
  );
  const chosen = whole ? all : ways.flatMap((way) => chance.shuffled(all.filter((one) => one.way === way)).slice(0, 2));
  return all.filter((one) => chosen.includes(one));
}

/** Seconds in which a step of this kind can be caught at work. */
const span = (kind: string): number => (kind === 'package' ? 4 : kind === 'service' || kind === 'shell' ? 0.8 : 0.02);

describe('undo after a failure at any step', () => {
  let stage: Stage;
  /** Runs of the phases before the present one, which stay. */
  const standing: string[] = [];
  const proof = new Proof({
    name: 'undo-table',
    title: 'Undo after a failure at every step',
    columns: ['step', 'kind', 'host', 'fails', 'known of it', 'before = after'],
    rows: cases().length,
    seed: chance.seed,
  });

  beforeAll(async () => {
    stage = await openStage('chaos-undo');
    await stage.lab.mark('start');
  }, 600_000);
  afterAll(async () => {
    proof.print();
    await stage?.close();
  }, 120_000);

  it.each(cases())(
    'leaves the hosts as before where $step fails $way its effect',
    { timeout: 180_000 },
    async (one) => {
      await stand(one.phase);
      const host = chance.pick(
        Object.keys(stage.plan.phases[one.phase]!.steps.find(({ id }) => id === one.step)!.tasks),
      );
      const fault: Fault = { ...one, host, delay: chance.next() * span(one.kind) };
      const found = await judge(fault).catch((error: unknown) => ({
        how: String(error).split('\n')[0]!,
        differences: ['no answer'],
        error,
      }));
      const same = found.differences.length === 0 ? 'yes' : found.differences.join('; ');
      proof.add([one.step, one.kind, host, one.way, found.how, same], 4);
      if ('error' in found) throw found.error;
      expect(found.differences).toEqual([]);
    },
  );

  it('goes back from every phase that stands to the very beginning', { timeout: 300_000 }, async () => {
    for (const run of [...standing].reverse()) {
      await stage.belay.say(run, 'undo');
      expect(await stage.end(run, 120)).toBe('undone');
    }
    expect(await stage.differences('start')).toEqual([]);
  });

  /** Has the phases before this one carried out. */
  async function stand(phase: number): Promise<void> {
    while (standing.length < phase) {
      const run = await stage.start(onlyPhase(stage.plan, standing.length), standing[0]);
      standing.push(run);
      expect(await stage.end(run, 120)).toBe('succeeded');
    }
  }

  /** Runs into the failure and back, and tells how it failed and what is otherwise. */
  async function judge(fault: Fault): Promise<{ how: string; differences: string[] }> {
    const mark = `${fault.step}.${fault.way}`;
    await stage.lab.mark(mark);
    const run = await stage.start(withFault(stage.plan, fault), standing[0]);
    if (fault.way === 'middle' && fault.step === 'settings') await killWorkerAt(run, fault.step);
    expect(await stage.end(run, 120)).toBe('undone');
    const how = await failureOf(run);
    return { how, differences: await stage.differences(mark) };
  }

  /** The injected failure, which must have been the only one. */
  async function failureOf(run: string): Promise<string> {
    const failures = (await stage.belay.tasks(run)).flatMap((task) => (task.failure ? [task.failure] : []));
    expect(failures).toHaveLength(1);
    const [{ kind, known } = { kind: '', known: '' }] = failures;
    expect(`${kind}: ${known}`).toMatch(new RegExp(`step/exit: it exited with (${injected}|137)|ldap/`));
    return known.replace(/; something may have happened$/, '');
  }

  async function killWorkerAt(run: string, step: string): Promise<void> {
    const begun = async (): Promise<boolean> =>
      (await stage.belay.events(run)).some((event) => event.kind === 'step-started' && event.data['step'] === step);
    await expect.poll(begun, { timeout: 60_000, interval: 10 }).toBe(true);
    stage.belay.stack.kill('worker', 'SIGKILL');
  }
});
