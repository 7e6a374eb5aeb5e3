import type { LdapChange } from '../../model/operation.js';
import { maskOf } from '../../model/mask.js';
import { parseLimit } from '../../model/parse/read-output.js';
import type { AwayOutcome } from '../../model/task/away.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import { openDirectory, type Found } from './directory.js';
import type { LdapNeeds } from './needs.js';
import { failed, type Target } from './target.js';

type Search = Extract<LdapChange, { how: 'search' }>;

/** Reads entries; its output is their number, or LDIF with secrets masked. Nothing is changed. */
export async function searchEntries(
  needs: Pick<LdapNeeds, 'limits'>,
  search: Search,
  target: Target,
  values: AwayValues,
  tried: string,
): Promise<AwayOutcome> {
  const where = Object.entries(search.where).map(
    ([name, one]) => [name, one === true ? true : one.map((text) => values.fill(text).value)] as const,
  );
  const directory = await openDirectory(target, needs.limits);
  try {
    const found = await directory.search({ ...search, where });
    const summary = `${found.length} ${found.length === 1 ? 'entry' : 'entries'}`;
    if (search.count) return { ending: 'ok', summary, output: String(found.length) };
    const output = maskOf(values.secrets).text(found.map(ldif).join('\n'));
    if (output.length <= parseLimit) return { ending: 'ok', summary, output };
    throw failed(
      'step/output-unreadable',
      tried,
      `${summary} are more than ${parseLimit / 1024} KiB`,
      'ask for fewer attributes or entries, or for their `count`',
    );
  } finally {
    await directory.close();
  }
}

/** As RFC 2849 has it: what is no plain text goes as base64. */
function ldif({ dn, values }: Found): string {
  const lines = [...values].flatMap(([name, list]) => list.map((value) => line(name, value)));
  return `${[line('dn', Buffer.from(dn, 'utf8')), ...lines].join('\n')}\n`;
}

function line(name: string, value: Buffer): string {
  const text = value.toString('latin1');
  const plain = /^(?:[\x21-\x39\x3b\x3d-\x7e][\x20-\x7e]*)?$/.test(text) && !text.endsWith(' ');
  return plain ? `${name}: ${text}` : `${name}:: ${value.toString('base64')}`;
}
