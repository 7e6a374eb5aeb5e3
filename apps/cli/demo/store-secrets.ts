import { readFile } from 'node:fs/promises';
import type { RecipientAnswer, SecretKept } from '../../../model/answers.js';
import type { ApiClient } from '../api-client.js';
import { seal } from '../../../activities/certificates/seal.js';
import { say, type World } from '../world.js';
import type { DemoLab } from './demo-lab.js';

/** Stores what the runbook and the inventory name, as `belay secret set` would: sealed before it leaves this process. */
export async function storeSecrets(world: World, client: ApiClient, lab: DemoLab): Promise<void> {
  const { recipient } = await client.get<RecipientAnswer>('/v1/secrets/recipient');
  const secrets = { 'lab-key': lab.key, 'directory-password': lab.directory.passwordFile };
  for (const [name, file] of Object.entries(secrets)) {
    const sealed = Buffer.from(await seal(await readFile(file), recipient)).toString('base64');
    await client.put<SecretKept>(`/v1/secrets/${name}`, { sealed });
    say(world, `  stored the secret ${name}, sealed to the worker`);
  }
}
