// cspell:words objectclass
import { z } from 'zod';
import { attributeKey, readName } from '../directory-name.js';
import { stepKind, Unusable } from './kind.js';
import { attributes, entryName, server } from './ldap.js';

export const ldapEntry = stepKind({
  kind: 'ldap.entry',
  on: 'ldap',
  about: 'Has an LDAP entry be there with these attributes, or not be there. Entries below it are never touched.',
  schema: z.strictObject({
    ...server,
    entry: entryName().describe('The distinguished name of the entry'),
    attributes: attributes(0)
      .optional()
      .describe(
        'Each shall have exactly these values, none with []; objectClass at least these. Others stay; passwords as the server stores them',
      ),
    absent: z
      .literal(true)
      .optional()
      .describe('It shall not be there. Undo makes it anew: same attributes, but a new entryUUID and no history'),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ attributes: wanted, absent, ...where }) {
    if ((wanted === undefined) === (absent === undefined))
      throw new Unusable([], 'must have one of "attributes" and "absent: true"');
    if (wanted === undefined) return { on: 'ldap', ...where, change: { how: 'absent' } };
    const keys = Object.keys(wanted).map(attributeKey);
    const twice = Object.keys(wanted).find((_name, index) => keys.indexOf(keys[index] ?? '') < index);
    if (twice !== undefined) throw new Unusable(['attributes', twice], `${twice} is named twice`);
    if (!keys.includes('objectclass'))
      throw new Unusable(['attributes'], 'must say its objectClass, so that it can be made where it is not there');
    const [own = []] = (typeof where.entry === 'string' ? readName(where.entry) : undefined) ?? [];
    const empty = own.find(({ type }) => wanted[type]?.length === 0);
    if (empty !== undefined)
      throw new Unusable(['attributes', empty.type], 'is part of the name of the entry, and cannot be empty');
    return { on: 'ldap', ...where, change: { how: 'present', attributes: wanted } };
  },
});
