import { madeSecret } from '../../activities/certificates/made-secret.js';
import { seal } from '../../activities/certificates/seal.js';
import { storeFirst } from '../../database/secrets.js';
import { readDocument } from '../../model/document/read.js';
import { madeWhereMissing, type Making } from '../../model/runbook/secret.js';
import type { PlanParts } from './make-plan.js';
import type { Recipient } from './recipient.js';
import type { Records } from './records.js';

/** The stored secrets of a runbook that say how they are made, and of which there is no version yet. */
export function missingSecrets(
  { files, runbook }: Pick<PlanParts, 'files' | 'runbook'>,
  versions: ReadonlyMap<string, number>,
): ReadonlyMap<string, Making> {
  const { document } = readDocument(runbook, files.get(runbook));
  const declared = document?.value as { readonly secrets?: unknown } | undefined;
  return new Map([...madeWhereMissing(declared?.secrets)].filter(([name]) => !versions.has(name)));
}

/**
 * Makes secrets and keeps them, sealed to the worker. Of two that make one at the same time, the first is kept.
 *
 * @returns the version of each, and the names of those that were made here
 * @throws Problem `secret/no-recipient`
 */
export async function makeSecrets(
  { database }: Pick<Records, 'database'>,
  recipient: Pick<Recipient, 'read'>,
  missing: ReadonlyMap<string, Making>,
  by: string,
): Promise<{ readonly versions: ReadonlyMap<string, number>; readonly made: readonly string[] }> {
  const key = await recipient.read();
  const versions = new Map<string, number>();
  const made: string[] = [];
  for (const [name, making] of missing) {
    const first = await storeFirst(database, name, await seal(await madeSecret(making, new Date()), key), by);
    versions.set(name, first.version);
    if (first.stored) made.push(name);
  }
  return { versions, made };
}
