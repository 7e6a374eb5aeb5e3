import { createHash } from 'node:crypto';
import { type Stats } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import type { Attributes } from './attributes.js';

/** What is at one path of a host's file system. Times are left out: they say when, not what. */
export interface Entry {
  readonly type: 'file' | 'directory' | 'link' | 'device' | 'pipe' | 'socket';
  /** Permission bits, octal. */
  readonly mode: string;
  /** `uid:gid` */
  readonly owner: string;
  /** SHA-256 of a file, target of a link, numbers of a device. */
  readonly content?: string;
  /** The text itself where it was asked for and is short. */
  readonly text?: string;
  /** Extended attributes with their values in hexadecimal. */
  readonly attributes: Readonly<Record<string, string>>;
}

const longestText = 1024 * 1024;

/** Undefined for a whiteout, by which a layer says that a path of the image is gone. */
export async function readEntry(file: string, attributes: Attributes, withText: boolean): Promise<Entry | undefined> {
  const status = await lstat(file);
  if (status.isCharacterDevice() && status.rdev === 0) return undefined;
  const kept = Object.entries(attributes.get(file) ?? {}).filter(([name]) => !name.startsWith('trusted.overlay.'));
  return {
    type: typeOf(status),
    // The bits of a symbolic link mean nothing.
    mode: status.isSymbolicLink() ? '-' : (status.mode & 0o7777).toString(8),
    owner: `${status.uid}:${status.gid}`,
    ...(await readContent(file, status, withText)),
    attributes: Object.fromEntries(kept),
  };
}

/** True where nothing of two entries differs; a missing one equals only a missing one. */
export function same(one: Entry | undefined, other: Entry | undefined): boolean {
  if (!one || !other) return one === other;
  return describeChange(one, other) === '';
}

/** What differs between two entries, such as `mode 644 → 600, content`. */
export function describeChange(before: Entry, after: Entry): string {
  if (before.type !== after.type) return `${before.type} → ${after.type}`;
  const names = [...new Set([...Object.keys(before.attributes), ...Object.keys(after.attributes)])].sort();
  const changes = [
    ...(['mode', 'owner'] as const).map((part) =>
      before[part] === after[part] ? '' : `${part} ${before[part]} → ${after[part]}`,
    ),
    before.content === after.content ? '' : 'content',
    ...names.map((name) => (before.attributes[name] === after.attributes[name] ? '' : `attribute ${name}`)),
  ];
  return changes.filter(Boolean).join(', ');
}

function typeOf(status: Stats): Entry['type'] {
  if (status.isDirectory()) return 'directory';
  if (status.isSymbolicLink()) return 'link';
  if (status.isFIFO()) return 'pipe';
  if (status.isSocket()) return 'socket';
  return status.isFile() ? 'file' : 'device';
}

async function readContent(file: string, status: Stats, withText: boolean): Promise<Pick<Entry, 'content' | 'text'>> {
  if (status.isSymbolicLink()) return { content: await readlink(file) };
  if (status.isCharacterDevice() || status.isBlockDevice()) return { content: String(status.rdev) };
  if (!status.isFile()) return {};
  const bytes = await readFile(file);
  const content = createHash('sha256').update(bytes).digest('hex');
  return withText && bytes.length <= longestText ? { content, text: bytes.toString() } : { content };
}
