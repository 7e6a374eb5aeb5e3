// cspell:words objectclass
import { z } from 'zod';
import { attributeKey } from '../directory-name.js';
import { stepKind, Unusable } from './kind.js';
import { attributes, entryName, server } from './ldap.js';

const changes = ['set', 'add', 'remove'] as const;

export const ldapModify = stepKind({
  kind: 'ldap.modify',
  on: 'ldap',
  about: 'Changes values of an LDAP entry that is there, in one request; values it does not name stay as they are.',
  schema: z.strictObject({
    ...server,
    entry: entryName().describe('The distinguished name of the entry'),
    set: attributes(0)
      .default({})
      .describe('Attributes that shall have exactly these values; none with []. Passwords as the server stores them'),
    add: attributes(1).default({}).describe('Values that shall be among those of an attribute'),
    remove: attributes(1).default({}).describe('Values that shall not be among those of an attribute'),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ set, add, remove, ...where }) {
    const named = changes.flatMap((change) =>
      Object.keys({ set, add, remove }[change]).map((name) => ({ change, name })),
    );
    if (named.length === 0) throw new Unusable([], 'says nothing to set, add or remove');
    for (const [index, { change, name }] of named.entries()) {
      const other = named.slice(0, index).find((one) => attributeKey(one.name) === attributeKey(name));
      if (other !== undefined && (other.change === change || other.change === 'set'))
        throw new Unusable([change, name], `${name} is named twice, also in ${other.change}`);
      if (attributeKey(name) === 'objectclass' && change === 'set')
        throw new Unusable([change, name], 'servers add classes of their own; use add and remove');
    }
    return { on: 'ldap', ...where, change: { how: 'values', set, add, remove } };
  },
});
