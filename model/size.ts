const powers: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** An amount of memory or disk as people write it: `512MiB`, `1.5GB`, `100B`. */
const sizePattern = /^(\d{1,15}(?:\.\d{1,3})?)(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

/** Bytes of a size such as `512MiB`; undefined where `text` is none. */
export function parseSize(text: string): number | undefined {
  const [, count, unit] = sizePattern.exec(text) ?? [];
  const power = powers[unit ?? ''];
  if (count === undefined || power === undefined) return undefined;
  const bytes = Math.round(Number(count) * power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
