import { randomBytes } from 'node:crypto';
import { chmod, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { isMap, parseDocument } from 'yaml';
import { Stop } from '../stop.js';

/**
 * The text of an inventory with a host's keys replaced; comments and everything else stay.
 *
 * @throws Stop where the host is not written out in this file
 */
export function withPinnedKeys(text: string, host: string, keys: readonly string[]): string {
  const document = parseDocument(text, { keepSourceTokens: true });
  if (!isMap(document.getIn(['hosts', host], true)))
    throw new Stop(`the inventory does not write out the host ${host}`);
  document.setIn(['hosts', host, 'host_keys'], document.createNode([...keys]));
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Replaces a file whole or not at all, with the mode it had. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  const { mode } = await stat(path);
  try {
    await writeFile(draft, text, { flag: 'wx' });
    await chmod(draft, mode & 0o777);
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw new Stop(
      `${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`,
      undefined,
      { cause: error },
    );
  }
}
