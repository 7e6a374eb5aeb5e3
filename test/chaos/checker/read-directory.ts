// cspell:ignore auditlog changetype
import { existsSync, readFileSync } from 'node:fs';
import type { DirectoryChange } from './facts.js';

/**
 * The changes that a directory server has logged (slapd's overlay `auditlog`), in its order: LDIF between a line
 * `# modify SECONDS SUFFIX WHO FROM conn=N` and a line `# end …`. A server that is killed between a change and its line
 * has not logged it: some microseconds, which nothing here aims at.
 *
 * @throws Error on a record of another form
 */
export function readDirectory(host: string, file: string): DirectoryChange[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const records = text.replaceAll('\n ', '').split(/\n+(?=# (?!end ))/);
  return records
    .map((record) => record.split('\n').filter((line) => line !== '' && !line.startsWith('# end ')))
    .filter((lines) => lines.length > 0)
    .map(([head = '', ...lines], place) => changeOf(host, place, head, lines));
}

function changeOf(host: string, place: number, head: string, lines: readonly string[]): DirectoryChange {
  const [, at, who] = /^# \w+ (\d+) (.*) conn=-?\d+$/.exec(head) ?? [];
  if (at === undefined || who === undefined) throw new Error(`change ${String(place + 1)} on ${host} is none: ${head}`);
  return { host, place, at: Number(at), own: who.includes('cn=peercred'), values: valuesIn(lines) };
}

/** What the server itself keeps of every change. */
const kept = /^(?:entryCSN|modifiersName|modifyTimestamp)$/;

/** Values that are there after the change and were put there by it. */
function valuesIn(lines: readonly string[]): string[] {
  let adding = false;
  return lines.flatMap((line) => {
    const [, name = '', coded, value = ''] = /^([\w;.-]+):(:?) ?(.*)$/.exec(line) ?? [];
    if (['add', 'replace', 'delete', 'dn', 'changetype'].includes(name)) {
      adding = name === 'add' || name === 'replace';
      return [];
    }
    if (!adding || name === '' || kept.test(name)) return [];
    return [coded === ':' ? Buffer.from(value, 'base64').toString('utf8') : value];
  });
}
