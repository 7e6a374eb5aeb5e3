import { must } from './program.js';

/** Extended attributes by path, values in hexadecimal. */
export type Attributes = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** An image never changes once it is made, so it is read once a process. */
export function imageAttributes(image: string): Promise<Attributes> {
  const known = ofImages.get(image) ?? readAttributes(image);
  ofImages.set(image, known);
  return known;
}
const ofImages = new Map<string, Promise<Attributes>>();

/** All extended attributes beneath a folder; Node has no call for them. */
export async function readAttributes(folder: string): Promise<Attributes> {
  const listed = await must(['getfattr', '-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', folder]);
  return parseAttributes(listed);
}

/** Reads what `getfattr -d -e hex` prints: `# file: NAME`, then `attribute=0x…` lines, records parted by empty lines. */
export function parseAttributes(listed: string): Attributes {
  const records = listed.split('\n\n').map((record) => record.split('\n').filter(Boolean));
  return new Map(
    records.map(([name = '', ...lines]) => [
      unescape(name.replace('# file: ', '')),
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
