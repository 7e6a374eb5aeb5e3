import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { imageAttributes, readAttributes, type Attributes } from './attributes.js';
import { readEntry, same, type Entry } from './entry.js';

/** A path at which a host differs from the image it stands on. */
export interface Deviation {
  readonly path: string;
  /** What the image has there; absent where it has nothing. */
  readonly image?: Entry;
  /** What the host has there; absent where it has removed it. */
  readonly host?: Entry;
}

/**
 * How a host differs from its image, path by path, in the order of the paths.
 *
 * An own layer also holds what was only copied up: a file that was changed and restored, or the folder of a changed file.
 * Those are equal to the image again, and so no deviation.
 */
export async function readLayer(upper: string, image: string, tries = 5): Promise<Deviation[]> {
  try {
    const [own, below] = await Promise.all([readAttributes(upper), imageAttributes(image)]);
    return walkFolder({ upper, own, image, below }, '/', true);
  } catch (error) {
    // A file went while a living host was being read; what stays will be there the next time.
    if (tries > 1) return readLayer(upper, image, tries - 1);
    throw error;
  }
}

/** Where people and allowances want to know which lines differ. */
const readByLine = ['/etc/', '/var/lib/dpkg/status', '/var/lib/apt/extended_states'];

interface Layers {
  readonly upper: string;
  readonly own: Attributes;
  readonly image: string;
  readonly below: Attributes;
}

function walkFolder(layers: Layers, path: string, imageHas: boolean): Deviation[] {
  const own = new Set(readdirSync(join(layers.upper, path)));
  const below = new Set(imageHas ? readdirSync(join(layers.image, path)) : []);
  // An opaque folder hides what the image has in it.
  const opaque = layers.own.get(join(layers.upper, path))?.['trusted.overlay.opaque'] !== undefined;
  const names = new Set([...own, ...(opaque ? below : [])]);
  const found: Deviation[] = [];
  for (const name of [...names].sort())
    found.push(...compareName(layers, join(path, name), own.has(name), below.has(name)));
  return found;
}

function compareName(layers: Layers, path: string, isOwn: boolean, isBelow: boolean): Deviation[] {
  const withText = readByLine.some((place) => path.startsWith(place));
  const image = isBelow ? readEntry(join(layers.image, path), layers.below, withText) : undefined;
  const host = isOwn ? readEntry(join(layers.upper, path), layers.own, withText) : undefined;
  const itself = same(image, host) ? [] : [{ path, ...(image && { image }), ...(host && { host }) }];
  if (host?.type !== 'directory') return itself;
  return [...itself, ...walkFolder(layers, path, image?.type === 'directory')];
}
