import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync, type BigIntStats } from 'node:fs';
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

/**
 * Undefined for a whiteout, by which a layer says that a path of the image is gone.
 *
 * It reads while nothing else goes on in this process: ten thousands of small files one after another, each handed to a
 * thread, cost three times as much.
 */
export function readEntry(file: string, attributes: Attributes, withText: boolean): Entry | undefined {
  const status = lstatSync(file, { bigint: true });
  if (status.isCharacterDevice() && status.rdev === 0n) return undefined;
  const kept = Object.entries(attributes.get(file) ?? {}).filter(([name]) => !name.startsWith('trusted.overlay.'));
  return {
    type: typeOf(status),
    // The bits of a symbolic link mean nothing.
    mode: status.isSymbolicLink() ? '-' : (status.mode & 0o7777n).toString(8),
    owner: `${status.uid}:${status.gid}`,
    ...readContent(file, status, withText),
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

function typeOf(status: BigIntStats): Entry['type'] {
  if (status.isDirectory()) return 'directory';
  if (status.isSymbolicLink()) return 'link';
  if (status.isFIFO()) return 'pipe';
  if (status.isSocket()) return 'socket';
  return status.isFile() ? 'file' : 'device';
}

function readContent(file: string, status: BigIntStats, withText: boolean): Pick<Entry, 'content' | 'text'> {
  if (status.isSymbolicLink()) return { content: readlinkSync(file) };
  if (status.isCharacterDevice() || status.isBlockDevice()) return { content: String(status.rdev) };
  if (!status.isFile()) return {};
  if (!withText) return { content: digestOf(file, status) };
  const bytes = readFileSync(file);
  const content = sha256(bytes);
  return bytes.length <= longestText ? { content, text: bytes.toString() } : { content };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Digests by device and inode, with the time at which the inode had last been changed; the kernel alone sets that time. */
const digests = new Map<string, { readonly changed: bigint; readonly digest: string }>();
/** Nanoseconds in which a second change might leave the time of the first. */
const unsure = 2_000_000_000n;

function digestOf(file: string, { dev, ino, ctimeNs }: BigIntStats): string {
  const known = digests.get(`${dev} ${ino}`);
  if (known?.changed === ctimeNs) return known.digest;
  const settled = BigInt(Date.now()) * 1_000_000n - ctimeNs > unsure;
  const digest = sha256(readFileSync(file));
  if (settled) digests.set(`${dev} ${ino}`, { changed: ctimeNs, digest });
  return digest;
}
