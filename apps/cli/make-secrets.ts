import { randomInt } from 'node:crypto';
import { authorityPem, createAuthority } from '../../activities/certificates/authority.js';
import type { SecretKept, SecretsAnswer } from '../../model/answers.js';
import { readDocument } from '../../model/document/read.js';
import { madeWhereMissing, type Making } from '../../model/runbook/secret.js';
import { secretText } from '../../model/secret-text.js';
import type { ApiClient } from './api-client.js';
import { confirm } from './confirm.js';
import type { RunbookFiles } from './runbook-files.js';
import { storeSecret } from './store-secret.js';
import { say, type World } from './world.js';

/** Makes a secret, or its next value, and stores it sealed to the worker; nobody has seen it. */
export async function makeSecret(client: ApiClient, name: string, making: Making, next = false): Promise<SecretKept> {
  const value =
    'length' in making
      ? secretText(making.length, randomInt)
      : authorityPem(await createAuthority(making.authority, new Date()));
  return storeSecret(client, name, Buffer.from(value), next);
}

/**
 * Makes the stored secrets of a runbook that say how they are made, and that nobody has stored yet.
 *
 * @param yes - nobody is asked
 */
export async function makeMissingSecrets(
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
  const missing = [...made].filter(([name]) => !secrets.some((one) => one.name === name));
  if (missing.length === 0) return;
  await confirm(world, `Make these secrets, and store them: ${missing.map(([name]) => name).join(', ')}?`, yes);
  for (const [name, making] of missing) {
    await makeSecret(client, name, making);
    say(world, `${name}: made and stored, sealed to the worker`);
  }
}
