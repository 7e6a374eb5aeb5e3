import type { RecipientAnswer, SecretKept } from '../../model/answers.js';
import type { ApiClient } from './api-client.js';
import { seal } from '../../activities/certificates/seal.js';

/** Seals a value to the worker, in base64, as requests carry it. */
export async function sealed(client: ApiClient, value: Uint8Array): Promise<string> {
  const { recipient } = await client.get<RecipientAnswer>('/v1/secrets/recipient');
  return Buffer.from(await seal(value, recipient)).toString('base64');
}

/**
 * Keeps a value as the current one of a secret; only the worker can open it.
 *
 * @param next - as its next one instead, which a run makes the current one
 */
export async function storeSecret(
  client: ApiClient,
  name: string,
  value: Uint8Array,
  next = false,
): Promise<SecretKept> {
  return client.put<SecretKept>(`/v1/secrets/${name}${next ? '/next' : ''}`, { sealed: await sealed(client, value) });
}
