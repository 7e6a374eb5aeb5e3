import { madeSecret } from '../../activities/certificates/made-secret.js';
import type { PlanAnswer, SecretKept, SecretsAnswer } from '../../model/answers.js';
import { readDocument } from '../../model/document/read.js';
import { madeWhereMissing, type Making } from '../../model/runbook/secret.js';
import type { ApiClient } from './api-client.js';
import { confirm } from './confirm.js';
import type { RunbookFiles } from './runbook-files.js';
import { storeSecret } from './store-secret.js';
import { say, type World } from './world.js';

/** Makes a secret, or its next value, and stores it sealed to the worker; nobody has seen it. */
export async function makeSecret(client: ApiClient, name: string, making: Making, next = false): Promise<SecretKept> {
  return storeSecret(client, name, await madeSecret(making, new Date()), next);
}

/**
 * Asks whether the stored secrets of a runbook may be made that say how they are made, and that nobody has stored yet.
 *
 * @param yes - nobody is asked
 * @throws Stop where the answer is no
 */
export async function mayMakeSecrets(
  world: World,
  client: ApiClient,
  { files, runbook }: RunbookFiles,
  yes: boolean,
): Promise<void> {
  const { document } = readDocument(runbook, files.get(runbook));
  const declared = document?.value as { readonly secrets?: unknown } | undefined;
  const made = madeWhereMissing(declared?.secrets);
  if (made.size === 0) return;
  const { secrets } = await client.get<SecretsAnswer>('/v1/secrets');
  const missing = [...made.keys()].filter((name) => !secrets.some((one) => one.name === name));
  if (missing.length === 0) return;
  await confirm(world, `Make these secrets, and store them: ${missing.join(', ')}?`, yes);
}

/** Says which secrets were made for a plan. */
export function sayMade(world: World, { madeSecrets = [] }: PlanAnswer): void {
  for (const name of madeSecrets) say(world, `${name}: made and stored, sealed to the worker`);
}
