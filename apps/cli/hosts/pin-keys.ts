import { randomBytes } from 'node:crypto';
import { chmod, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { isMap, isNode, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { Stop } from '../stop.js';

/**
 * The text of an inventory with a host's keys replaced. Every other byte stays, comments and layout included.
 *
 * @throws Stop where the host is not written out in this file
 */
export function withPinnedKeys(text: string, name: string, keys: readonly string[]): string {
  const host = parseDocument(text).getIn(['hosts', name], true);
  if (!isMap(host) || host.items.length === 0) throw new Stop(`the inventory does not write out the host ${name}`);
  const written = JSON.stringify(keys).replaceAll('","', '", "');
  const present = host.get('host_keys', true);
  if (!isNode(present) || !present.range) return inserted(text, host, `host_keys: ${written}`);
  const [from, end] = present.range;
  const old = text.slice(from, end);
  return `${text.slice(0, from)}${written}${old.slice(old.trimEnd().length)}${text.slice(end)}`;
}

/** Puts a pair before the first one of a mapping, as that mapping is laid out. */
function inserted(text: string, map: YAMLMap, pair: string): string {
  const first = map.items[0]?.key;
  const at = isScalar(first) ? (first.range?.[0] ?? 0) : 0;
  const indent = /[^\n]*$/.exec(text.slice(0, at))?.[0] ?? '';
  return `${text.slice(0, at)}${pair}${map.flow === true ? ', ' : `\n${indent}`}${text.slice(at)}`;
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
      {
        cause: error,
      },
    );
  }
}
