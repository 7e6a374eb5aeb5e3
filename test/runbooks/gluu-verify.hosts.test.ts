import { realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../lab/lab.js';
import type { Plan } from '../../model/plan.js';
import { whole } from '../chaos/chance.js';
import { needle, searchFiles } from '../chaos/needles.js';
import { Proof } from '../chaos/proof.js';
import { answeredForRunning } from './answered-for.js';
import { carryBack, carryThrough } from './carry-through.js';
import { gluuPair, type ClusterLab } from './gluu-cluster-lab.js';
import { differences, small } from './gluu-world.js';
import { planOwn } from './own-runbook.js';
import { checkOf, expectedOf, judgingIn, nameOf, sabotaged, sabotageTable } from './sabotage.js';

const name = 'gluu-verify-test';
const table = sabotageTable('test/cases/runbooks/sabotage/gluu-verify.yaml');
/** All of the table takes minutes; one batch shows that it works. */
const batches = whole ? table.batches : table.batches.slice(0, 1);
/** The proof of gluu/cluster that a node outlives its own directory, by itself. */
const away = `
runbook: directory-away
about: A sign-in at a node whose directory is away.
groups: { nodes: { min: 2 } }
secrets:
  oxtrust_admin: { stored: gluu-oxtrust-admin }
  directory_manager: { stored: gluu-directory-manager }
  cluster_ca: { stored: gluu-cluster-ca, certificate_authority: { name: Gluu cluster } }
phases:
  - phase: Proof
    hosts: nodes[1]
    steps:
      - id: without_own
        step: A person signs in at a node whose directory is away
        call: parts/directory-away.yaml
        with: { root: /opt/gluu-server-3.1.6, public_name: ${small.public_name}, person: admin, nodes: 2, ldaps_port: 1636 }
`;

describe('gluu/verify, on a real cluster', () => {
  let world: ClusterLab;
  const seen = new Set<string>();
  const proof = new Proof({
    name: 'verify-table',
    title: 'Each check of gluu/verify, shown red',
    columns: ['what is broken', 'at', 'check that turns red', 'what it says', 'advice'],
    rows: batches.flatMap(({ rows }) => rows.flatMap(({ red }) => red)).length,
    seed: 0,
  });
  const planned = async (inputs: Readonly<Record<string, unknown>> = {}): Promise<{ hash: string; plan: Plan }> =>
    world.belay.plan('runbooks/gluu/verify.yaml', { ...small, disk: '100MiB', ...inputs });
  const start = async (inputs: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    world.belay.start((await planned(inputs)).hash);
  const failedOf = async (run: string): Promise<string[]> => {
    await world.belay.until(run, ['failed', 'succeeded'], 400);
    return (await world.belay.tasks(run)).filter(({ failure }) => failure !== undefined).map(nameOf);
  };
  const verified = async (inputs: Readonly<Record<string, unknown>> = {}): Promise<string[]> =>
    failedOf(await start(inputs));
  /** Where Belay holds the password that rows of the table have put into the cluster's settings. */
  const planted = (): string[] => {
    const { data } = world.belay;
    return [...new Set([data, realpathSync(join(data, 'postgres'))])].flatMap((place) =>
      searchFiles(place, [needle('planted', table.planted)]),
    );
  };

  beforeAll(async () => {
    world = await gluuPair(name, 'clustered');
  }, 900_000);
  afterAll(async () => {
    await world?.belay.stop();
    await labDown(name);
  }, 120_000);

  it('finds a cluster as it must be, and leaves nothing of itself', async () => {
    await world.lab.mark('whole');
    expect(await verified()).toEqual([]);
    expect(answeredForRunning(await differences(world.lab, 'whole'))).toEqual([]);
  }, 400_000);

  it.each(batches.map((batch, index) => [index + 1, batch] as const))(
    'turns red what is broken, and nothing else: batch %i of its table',
    async (_number, batch) => {
      const { failed, troubles } = await sabotaged(world, table, batch, start);
      for (const { what, at, red } of batch.rows)
        for (const step of red) {
          const task = failed.find((one) => nameOf(one) === step);
          seen.add(step);
          const { known = 'it stayed green', hints = [] } = task?.failure ?? {};
          proof.add([what, at, step, known, hints.join(' ')], 3);
        }
      expect(troubles).toEqual([]);
      expect(planted()).toEqual([]);
      expect(failed.map(nameOf).sort()).toEqual(expectedOf(batch));
      expect(failed.filter(({ failure }) => failure?.kind.startsWith('step/') && !failure.hints).map(nameOf)).toEqual(
        [],
      );
    },
    600_000,
  );

  it.skipIf(!whole)('has no check that the table does not show red', async () => {
    const asked = ['leave', 'nftables'].map(async (firewall) =>
      planned({ firewall, file_sync: true, backup_age: '1h' }),
    );
    const judging = (await Promise.all(asked)).flatMap(({ plan }) => plan.phases.flatMap(judgingIn).map(checkOf));
    const shown = new Set([...seen, 'verdict@node1'].map((step) => checkOf(step.split('@')[0] ?? '')));
    expect([...new Set(judging)].filter((one) => !shown.has(one) && !(table.passedOver ?? []).includes(one))).toEqual(
      [],
    );
  });

  it('would find a planted password in what Belay keeps', () => {
    const file = join(world.belay.data, 'log', 'planted');
    writeFileSync(file, Buffer.from(table.planted).toString('base64'));
    expect(planted()).toEqual([`planted in ${file}`]);
    rmSync(file);
  });

  it('knows a backup that is whole from one that was cut short, which is not restored either', async () => {
    const { lab, belay } = world;
    const { run } = await carryThrough(belay, 'runbooks/gluu/backup.yaml', { name: 'nightly' });
    expect(await verified({ backup_age: '1h' })).toEqual([]);
    await lab.exec('node1', ['sed', '-i', '$d', '/var/backups/gluu/nightly.site.ldif']);
    expect((await verified({ backup_age: '1h' })).sort()).toEqual(['backup.young@node1', 'verdict@node1']);
    const { hash } = await belay.plan('runbooks/gluu/restore.yaml', { name: 'nightly' });
    expect(await failedOf(await belay.start(hash))).toEqual(['backup@node1']);
    await carryBack(belay, run);
    expect((await lab.exec('node1', ['ls', '/var/backups/gluu'])).stdout).toBe('');
  }, 600_000);

  it('shows a sign-in at a node whose directory is away, and none where it asks that one alone', async () => {
    const { lab, belay } = world;
    const { hash } = await planOwn(belay, away);
    const proven = await belay.start(hash);
    expect((await belay.until(proven, ['waiting', 'failed', 'succeeded'], 300)).state).toBe('succeeded');
    const row = table.batches.flatMap(({ rows }) => rows).find(({ red }) => red.includes('servers.files@node1'));
    const on = async (script = ''): Promise<void> => {
      const all = `${table.tools}\n${script}\napp oxauth restart; answers /.well-known/openid-configuration`;
      const words = Array.from({ length: 8 }, () => '');
      const { code, stderr } = await lab.exec('node2', ['sh', '-euc', all, 'sh', ...words]);
      if (code !== 0) throw new Error(stderr);
    };
    await on(row?.break?.replace('node1', 'node2'));
    const alone = await belay.start(hash);
    try {
      await belay.until(alone, ['waiting', 'failed', 'succeeded'], 300);
      const failed = (await belay.tasks(alone)).filter(({ failure }) => failure !== undefined);
      expect(failed.map(nameOf)).toEqual(['without_own.signed_in@node2']);
    } finally {
      await carryBack(belay, alone);
      await on(row?.mend);
    }
  }, 600_000);

  it('finds all as it must be again, when it has been put right', async () => {
    expect(await verified()).toEqual([]);
  }, 400_000);
});
