import { Encrypter } from 'age-encryption';

/**
 * Seals a value to the worker's public key: an age file, binary, one recipient. Only the worker can open it.
 *
 * @throws Error where `recipient` is no age public key
 */
export async function seal(value: Uint8Array, recipient: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(value);
}
