import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { authorityPem, createAuthority } from '../../activities/certificates/authority.js';
import { withFolder } from '../../lab/checkpoint.js';
import { labCheckpoints, labDown, labForget, labRestore, labSave, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { carryThrough } from './carry-through.js';
import { small, smallPrograms } from './gluu-world.js';
import { inShell } from './runbook-lab.js';

/** How far a cluster has come: bare hosts; Gluu on every node with shared keys; one directory, balancer and cache as well. */
export type Stage = 'bare' | 'installed' | 'clustered';

/** What `gluu/install` asks of whoever installs. */
export const installation = {
  ...small,
  ...smallPrograms,
  accept_licence: true,
  organisation: 'Lab',
  country: 'AT',
  state: 'Vienna',
  city: 'Vienna',
  admin_email: 'admin@lab.test',
};

const { public_name } = small;
const stages: Readonly<Record<Exclude<Stage, 'bare'>, readonly (readonly [runbook: string, inputs: object])[]>> = {
  installed: [
    ['prepare', { ...small, clock: 'compare' }],
    ['install', installation],
    ['certificates', { public_name }],
  ],
  clustered: [
    ['directory', { prove_outage: false }],
    ['cache', { public_name, on_balancer: true }],
    ['balancer', { public_name, prove_outage: false }],
  ],
};

/** Two nodes, a spare one, and a balancer that is the cache host, at a stage of the way; with Belay, which has all secrets. */
export interface ClusterLab {
  readonly lab: Lab;
  readonly belay: Belay;
  /** What a secret of Belay's is, by the name that it is stored under. */
  secret(name: string): string;
}

/**
 * Makes the hosts of `gluu-pair` at a stage, within seconds where a checkpoint is there; else the runbooks make it, which
 * takes minutes, and a checkpoint is saved on the way at every stage.
 *
 * A checkpoint that other runbooks or another lab made is made anew, unless `BELAY_OLD_CHECKPOINTS` is `use`.
 */
export async function gluuPair(name: string, stage: Stage): Promise<ClusterLab> {
  const from = recipe();
  const old = process.env['BELAY_OLD_CHECKPOINTS'] === 'use';
  const there = (await labCheckpoints()).filter((one) => old || one.from === from).map((one) => one.name);
  const start = (['clustered', 'installed'] as const).find(
    (one) => stage !== 'bare' && there.includes(checkpoint(one)) && (one === stage || stage === 'clustered'),
  );
  const lab = start
    ? await labRestore({ name, checkpoint: checkpoint(start) })
    : await labUp({ name, description: 'lab/descriptions/gluu-pair.yaml' });
  const secrets = await secretsFor(start ? lab : undefined);
  const belay = await startBelay(lab);
  for (const [secret, value] of secrets) await belay.keepSecret(secret, value);
  const world: ClusterLab = { lab, belay, secret: (one) => secretOf(secrets, one) };
  if (!start) await lab.mark('bare');
  if (!start && stage !== 'bare') await walk(world, 'installed', secrets, from);
  if (stage === 'clustered' && start !== 'clustered') await walk(world, 'clustered', secrets, from);
  return world;
}

/** A cluster on hosts that were made from a checkpoint of one, with Belay, which has the secrets that were kept with it. */
export async function clusterIn(lab: Lab): Promise<ClusterLab> {
  const secrets = keptSecrets(lab);
  const belay = await startBelay(lab);
  for (const [secret, value] of secrets) await belay.keepSecret(secret, value);
  return { lab, belay, secret: (one) => secretOf(secrets, one) };
}

/** The inventory in which the spare host has become a node, as whoever adds a node writes it. */
export function grownInventory(lab: Lab): string {
  const grown = join(dirname(lab.inventoryFile), 'grown.yaml');
  const inventory = readFileSync(lab.inventoryFile, 'utf8');
  writeFileSync(grown, inventory.replace(/nodes:\n( +)- node1\n +- node2\n/, '$&$1- node3\n'));
  return grown;
}

/** A cluster that stands for the tests of one `describe`. */
export interface ClusterStage extends ClusterLab {
  /** See {@link inShell}. */
  on(host: string, script: string): Promise<string>;
}

/** Sets the stage of `gluuPair` for the tests of one `describe`: it stands before the first and is gone after the last. */
export function setCluster(name: string, stage: Stage): ClusterStage {
  const world: { lab?: Lab; belay?: Belay } = {};
  beforeAll(async () => void Object.assign(world, await gluuPair(name, stage)), 1_200_000);
  afterAll(async () => {
    await world.belay?.stop();
    await labDown(name);
  }, 300_000);
  const on: ClusterStage['on'] = async (host, script) => inShell((world as ClusterLab).lab, host, script);
  return Object.assign(world, { on }) as ClusterStage;
}

/** What a run of gluu/cluster has changed for good: the token of a sign-in for trial is removed again. */
export const lasting = (changed: readonly string[]): string[] =>
  changed.filter((one) => !/^verify_(first_)?login\.\w+\.(removed|grant) /.test(one));

const checkpoint = (stage: Stage): string => `gluu-pair-${stage}`;

type Secrets = readonly (readonly [name: string, value: string])[];

function secretOf(secrets: Secrets, name: string): string {
  const found = secrets.find(([one]) => one === name);
  if (!found) throw new Error(`there is no secret ${name}`);
  return found[1];
}

/** Runs what leads to a stage, and keeps what came of it. */
async function walk(
  world: Pick<ClusterLab, 'lab' | 'belay'>,
  stage: keyof typeof stages,
  secrets: Secrets,
  from: string,
): Promise<void> {
  for (const [runbook, inputs] of stages[stage])
    await carryThrough(world.belay, `runbooks/gluu/${runbook}.yaml`, { ...inputs });
  const folder = mkdtempSync(join(tmpdir(), 'belay-secrets-'));
  try {
    mkdirSync(join(folder, 'secrets'));
    for (const [secret, value] of secrets) writeFileSync(join(folder, 'secrets', secret), value, { mode: 0o600 });
    await labForget(checkpoint(stage));
    await labSave(world.lab.name, { checkpoint: checkpoint(stage), with: [join(folder, 'secrets')], from });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Such as the runbooks declare them. A directory's password policy wants several kinds of characters. */
async function freshSecrets(): Promise<Secrets> {
  const made = ['directory-manager', 'replication-admin', 'oxtrust-admin', 'keystore', 'oxauth-client', 'pairwise-key'];
  return [
    ...[...made, 'pairwise-salt', 'redis'].map((one) => [`gluu-${one}`, `Ab3-of-the-${one}-of-the-lab`] as const),
    ['gluu-salt', 'salt-of-24-characters-xy'],
    // csync2 takes letters and digits alone.
    ['gluu-file-sync', 'a'.repeat(63) + 'Z'],
    ['gluu-cluster-ca', authorityPem(await createAuthority('Gluu cluster', new Date()))],
  ];
}

/** Those that were kept with a checkpoint, and new ones for whatever runbooks ask for besides. */
async function secretsFor(lab: Lab | undefined): Promise<Secrets> {
  const kept = lab ? keptSecrets(lab) : [];
  const known = new Set(kept.map(([name]) => name));
  return [...kept, ...(await freshSecrets()).filter(([name]) => !known.has(name))];
}

function keptSecrets(lab: Lab): Secrets {
  const folder = join(lab.folder, withFolder, 'secrets');
  return readdirSync(folder).map((secret) => [secret, readFileSync(join(folder, secret), 'utf8')] as const);
}

/** Changes with whatever a checkpoint came from. */
export function recipe(): string {
  const digest = createHash('sha256').update(JSON.stringify(stages));
  for (const folder of ['runbooks/gluu', 'lab/gluu', 'lab/descriptions'])
    for (const file of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()))
      digest.update(readFileSync(join(file.parentPath, file.name)));
  return digest.digest('hex').slice(0, 16);
}
