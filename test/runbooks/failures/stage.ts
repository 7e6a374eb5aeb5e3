import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withFolder } from '../../../lab/checkpoint.js';
import { labCheckpoints, labForget, labRestore, labSave } from '../../../lab/lab.js';
import { carryThrough } from '../carry-through.js';
import { clusterIn, gluuPair, recipe, type ClusterLab } from '../gluu-cluster-lab.js';
import type { Procedure } from './procedures.js';

/** The hosts as they are before a procedure; from a checkpoint where there is one, which is made anew when a runbook has changed. */
export async function setStageOf(name: string, procedure: Procedure): Promise<ClusterLab> {
  const { runbook, stage, before } = procedure;
  if (!before) return gluuPair(name, stage);
  const checkpoint = `failures-${runbook}`;
  const old = process.env['BELAY_OLD_CHECKPOINTS'] === 'use';
  const there = (await labCheckpoints()).some((one) => one.name === checkpoint && (old || one.from === recipe()));
  if (there) return clusterIn(await labRestore({ name, checkpoint }));
  const world = await gluuPair(name, stage);
  await carryThrough(world.belay, `runbooks/gluu/${before.runbook}.yaml`, before.inputs);
  const secrets = join(world.lab.folder, withFolder, 'secrets');
  // A cluster that was made anew just now has its secrets in its own checkpoint; from that, the next call keeps this one.
  if (!existsSync(secrets)) return world;
  await labForget(checkpoint);
  await labSave(name, { checkpoint, from: recipe(), with: [secrets] });
  return world;
}
