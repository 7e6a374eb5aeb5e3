import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './program.js';

/** What is at one path of a host's file system. Times are left out: they say when, not what. */
export interface Entry {
  readonly type: 'file' | 'directory' | 'link' | 'device' | 'pipe' | 'socket';
  /** Permission bits, octal. */
  readonly mode: string;
  /** `uid:gid` */
  readonly owner: string;
  /** SHA-256 of a file, target of a link, numbers of a device. */
  readonly content?: string;
  /** Extended attributes with their values in hexadecimal. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A path at which a host differs from the image it stands on. */
export interface Deviation {
  readonly path: string;
  /** What the image has there; absent where it has nothing. */
  readonly image?: Entry;
  /** What the host has there; absent where it has removed it. */
  readonly host?: Entry;
}

type Attributes = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * How a host differs from its image, path by path, in the order of the paths.
 *
 * An own layer also holds what was only copied up: a file that was changed and restored, or the folder of a changed file.
 * Those are equal to the image again, and so no deviation.
 */
export async function readLayer(upper: string, image: string, tries = 5): Promise<Deviation[]> {
  try {
    return await walkLayer(upper, image);
  } catch (error) {
    // A file went while a living host was being read; what stays will be there the next time.
    if (tries > 1) return readLayer(upper, image, tries - 1);
    throw error;
  }
}

async function walkLayer(upper: string, image: string): Promise<Deviation[]> {
  const found: Deviation[] = [];
  const [own, below] = await Promise.all([readAttributes(upper), imageAttributes(image)]);
  const walk = async (path: string, imageHas: boolean): Promise<void> => {
    const opaque = own.get(join(upper, path))?.[opaqueMark] !== undefined;
    const [names, imageNames] = await Promise.all([
      readdir(join(upper, path)),
      imageHas ? readdir(join(image, path)) : Promise.resolve<string[]>([]),
    ]);
    for (const name of [...new Set([...names, ...(opaque ? imageNames : [])])].sort()) {
      const child = join(path, name);
      const before = imageNames.includes(name) ? await readEntry(join(image, child), below) : undefined;
      const now = names.includes(name) ? await readEntry(join(upper, child), own) : undefined;
      if (!same(before, now)) found.push({ path: child, ...(before && { image: before }), ...(now && { host: now }) });
      if (now?.type === 'directory') await walk(child, before?.type === 'directory');
    }
  };
  await walk('/', true);
  return found;
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

const opaqueMark = 'trusted.overlay.opaque';

/** Undefined for a whiteout, by which a layer says that a path of the image is gone. */
async function readEntry(file: string, attributes: Attributes): Promise<Entry | undefined> {
  const status = await lstat(file);
  if (status.isCharacterDevice() && status.rdev === 0) return undefined;
  const content = await readContent(file, status);
  const kept = Object.entries(attributes.get(file) ?? {}).filter(([name]) => !name.startsWith('trusted.overlay.'));
  return {
    type: typeOf(status),
    // The bits of a symbolic link mean nothing.
    mode: status.isSymbolicLink() ? '-' : (status.mode & 0o7777).toString(8),
    owner: `${status.uid}:${status.gid}`,
    ...(content !== undefined && { content }),
    attributes: Object.fromEntries(kept),
  };
}

function typeOf(status: Stats): Entry['type'] {
  if (status.isDirectory()) return 'directory';
  if (status.isSymbolicLink()) return 'link';
  if (status.isFIFO()) return 'pipe';
  if (status.isSocket()) return 'socket';
  return status.isFile() ? 'file' : 'device';
}

async function readContent(file: string, status: Stats): Promise<string | undefined> {
  if (status.isSymbolicLink()) return readlink(file);
  if (status.isCharacterDevice() || status.isBlockDevice()) return String(status.rdev);
  if (!status.isFile()) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** An image never changes once it is made, so it is read once a process. */
function imageAttributes(image: string): Promise<Attributes> {
  const known = attributesOfImages.get(image) ?? readAttributes(image);
  attributesOfImages.set(image, known);
  return known;
}
const attributesOfImages = new Map<string, Promise<Attributes>>();

/** All extended attributes beneath a folder, by path; Node has no call for them. */
async function readAttributes(folder: string): Promise<Attributes> {
  const listed = await must(['getfattr', '-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', folder]);
  return parseAttributes(listed);
}

/** Reads what `getfattr -d -e hex` prints: `# file: NAME`, then `attribute=0x…` lines, records parted by empty lines. */
export function parseAttributes(listed: string): Attributes {
  const records = listed.split('\n\n').map((record) => record.split('\n').filter(Boolean));
  return new Map(
    records.map(([name = '', ...lines]) => [
      unescape(name.replace('# file: ', '')).replace(/(?<=.)\/$/, ''),
      Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])),
    ]),
  );
}

/** getfattr writes bytes that are not plain in names as three octal digits. */
function unescape(name: string): string {
  if (!name.includes('\\')) return name;
  const bytes = name.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
  return Buffer.from(bytes, 'latin1').toString();
}
