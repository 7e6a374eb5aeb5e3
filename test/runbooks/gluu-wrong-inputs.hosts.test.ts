import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../lab/lab.js';
import type { TaskAnswer } from '../../model/answers.js';
import { Proof } from '../chaos/proof.js';
import { answeredForRunning } from './answered-for.js';
import { gluuPair, installation, type ClusterLab, type Stage } from './gluu-cluster-lab.js';
import { changes, differences } from './gluu-world.js';
import { certificateFor, refusals, type Refusal } from './refusals.js';

// The cluster's name is that of its balancer.
const { public_name: _public_name, ...fields } = installation;
const asked = { ...fields, on_balancer: true, clock: 'compare' };
const proof = new Proof({
  name: 'wrong-inputs',
  title: 'Wrong inputs, each refused by gluu/cluster before anything changes',
  columns: ['wrong input', 'refused by', 'what is said', 'advice'],
  rows: refusals.cases.length,
  seed: 0,
});

describe.each<{ stage: Stage; on: string }>([
  { stage: 'bare', on: 'bare hosts' },
  { stage: 'installed', on: 'hosts with Gluu, of which it is to make a cluster' },
])('gluu/cluster, on $on', ({ stage }) => {
  const name = `refused-${stage}`;
  let world: ClusterLab;

  beforeAll(async () => {
    world = await gluuPair(name, stage);
  }, 1_200_000);
  afterAll(async () => {
    await world?.belay.stop();
    await labDown(name);
  }, 120_000);

  it.each(refusals.cases.filter((one) => one.stage === stage))(
    'refuses $it, before anything changes',
    async (wrong) => {
      await on(wrong, wrong.begin);
      const kept = await secretsInstead(wrong);
      try {
        await world.lab.mark('wrong');
        const { failed, changed } = await refused(wrong.runbook ?? 'cluster', await inputsOf(wrong));
        const [first] = failed;
        proof.add([
          wrong.it,
          wrong.refused.join(', '),
          first?.failure?.known ?? '',
          first?.failure?.hints?.join(' ') ?? '',
        ]);
        expect(failed.map(({ step, host }) => `${step}@${host}`).sort()).toEqual(wrong.refused);
        expect(first?.failure?.known).toMatch(new RegExp(wrong.says));
        expect(first?.failure?.hints?.join(' ') ?? '').toMatch(new RegExp(wrong.advice ?? '^$'));
        expect(changed).toEqual([]);
        // What listens for the trial ends by itself.
        const otherwise = answeredForRunning(await differences(world.lab, 'wrong'));
        expect(otherwise.filter((line) => !/^\w+ (process|port) /.test(line))).toEqual([]);
      } finally {
        for (const [secret, value] of kept) await world.belay.keepSecret(secret, value);
        await on(wrong, wrong.end);
      }
    },
    900_000,
  );

  const on = async ({ at = 'node1' }: Refusal, script: string | undefined): Promise<void> => {
    if (script === undefined) return;
    const words = ['sh', '-euc', `${refusals.tools}\n${script}`, 'sh', world.secret('gluu-directory-manager')];
    const { code, stderr } = await world.lab.exec(at, words);
    if (code !== 0) throw new Error(`${at}: ${stderr}`);
  };

  /** Puts others in the place of stored secrets. @returns those that were there */
  const secretsInstead = async ({ secrets = {} }: Refusal): Promise<readonly (readonly [string, string])[]> => {
    for (const [one, value] of Object.entries(secrets)) await world.belay.keepSecret(one, value);
    return Object.keys(secrets).map((one) => [one, world.secret(one)] as const);
  };

  const inputsOf = async ({ inputs, certificate }: Refusal): Promise<Readonly<Record<string, unknown>>> => ({
    ...inputs,
    ...(certificate !== undefined && { web_certificate: await certificateFor(certificate) }),
  });

  /** Runs the runbook, with every approval that it asks for, until tasks of it have failed. */
  const refused = async (
    runbook: 'cluster' | 'directory',
    inputs: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly failed: readonly TaskAnswer[]; readonly changed: readonly string[] }> => {
    const { belay } = world;
    const { hash, plan } = await belay.plan(`runbooks/gluu/${runbook}.yaml`, {
      ...(runbook === 'cluster' && asked),
      ...inputs,
    });
    const run = await belay.start(hash);
    for (;;) {
      const { state, approval } = await belay.until(run, ['waiting', 'paused', 'failed'], 800);
      if (state !== 'waiting') break;
      if (approval !== undefined) await belay.approve(run, approval.phase);
      await belay.until(run, ['running', 'paused', 'failed'], 60);
    }
    const failed = (await belay.tasks(run)).filter(({ failure }) => failure !== undefined);
    const changed = await changes(belay, run, plan);
    if ((await belay.run(run)).state !== 'failed') await belay.say(run, 'cancel');
    await belay.until(run, ['cancelled', 'failed'], 120);
    return { failed, changed };
  };
});
