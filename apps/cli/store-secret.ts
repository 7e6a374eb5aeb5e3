import type { RecipientAnswer, SecretKept } from '../../model/answers.js';
import type { ApiClient } from './api-client.js';
import { seal } from './seal.js';

/** Seals a value to the worker, in base64, as requests carry it. */
export async function sealed(client: ApiClient, value: Uint8Array): Promise<string> {
  const { recipient } = await client.get<RecipientAnswer>('/v1/secrets/recipient');
  return Buffer.from(await seal(value, recipient)).toString('base64');
}

/** Keeps a value as the next version of a secret; only the worker can open it. */
export async function storeSecret(client: ApiClient, name: string, value: Uint8Array): Promise<SecretKept> {
  return client.put<SecretKept>(`/v1/secrets/${name}`, { sealed: await sealed(client, value) });
}
