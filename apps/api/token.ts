import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, link, mkdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a caller must show. Kept as a digest, so that it cannot get into a log. */
export class Token {
  readonly #digest: Buffer;

  constructor(token: string) {
    this.#digest = digest(token);
  }

  /** Takes the same time for every wrong token. */
  matches(shown: string): boolean {
    return timingSafeEqual(digest(shown), this.#digest);
  }
}

/**
 * Reads `<data>/api-token`, or makes it (0600, 256 random bits) at the first start.
 *
 * @throws Error where others than the owner may read the file
 */
export async function openToken(data: string): Promise<Token> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  const file = join(data, 'api-token');
  await makeOnce(file);
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) throw new Error(`${file} can be read by others; put it right with: chmod 600 ${file}`);
  const token = (await readFile(file, 'utf8')).trim();
  if (token.length < 32) throw new Error(`${file} holds no token; remove it and start again to have a new one made`);
  return new Token(token);
}

/** Writes whole, then links: of two first starts one wins, and nobody reads half a token. */
async function makeOnce(file: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `belay_${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await chmod(draft, 0o600);
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
