import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';

/** The worker's age key pair. The private half cannot be read from this object. */
export interface WorkerKey {
  /** `age1…`, public: what secrets are sealed to. */
  readonly recipient: string;
  /** An age file, binary, one recipient. */
  seal(value: Uint8Array): Promise<Uint8Array>;
  /** @throws Error where the value was sealed to another key, or was changed */
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/**
 * The worker's key from `<data>/worker-key` (0600), made at the first start. The public key is written beside it,
 * to `<data>/worker-key.pub` (0644), for the API to hand out.
 *
 * @throws Error where others could read the key, or where it is none
 */
export async function openWorkerKey(data: string): Promise<WorkerKey> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  const path = join(data, 'worker-key');
  const identity = (await readKey(path)) ?? (await makeKey(path));
  const recipient = await identityToRecipient(identity);
  await writePublic(`${path}.pub`, recipient);
  return {
    recipient,
    seal: async (value) => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      return encrypter.encrypt(value);
    },
    open: async (sealed) => {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      return decrypter.decrypt(sealed);
    },
  };
}

async function readKey(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(absent);
  if (!found) return undefined;
  if (!found.isFile()) throw new Error(`${path} is no file; move it away`);
  if ((found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    throw new Error(
      `${path} has mode ${mode}: others can read the key to all secrets; set it to 0600, and replace the secrets if others were there`,
    );
  }
  const identity = (await readFile(path, 'utf8')).trim();
  if (!/^AGE-SECRET-KEY-1[A-Z0-9]+$/.test(identity))
    throw new Error(`${path} holds no age key; restore it from a backup`);
  return identity;
}

/** Whole under another name first, and never over an existing key: of two workers that start at once, one makes it. */
async function makeKey(path: string): Promise<string> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${await generateX25519Identity()}\n`);
    await file.sync();
    await link(draft, path).catch(existing);
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  const identity = await readKey(path);
  if (identity === undefined) throw new Error(`${path} vanished while it was made`);
  return identity;
}

async function writePublic(path: string, recipient: string): Promise<void> {
  const written = await readFile(path, 'utf8').catch(absent);
  if (written?.trim() === recipient) return;
  await writeFile(path, `${recipient}\n`, { mode: 0o644 });
  await chmod(path, 0o644);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

function existing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
