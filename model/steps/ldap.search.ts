import { z } from 'zod';
import { attributeKey } from '../directory-name.js';
import type { Text } from '../value.js';
import { oneOrMore } from './arguments.js';
import { stepKind, Unusable } from './kind.js';
import { attributeName, entryName, server } from './ldap.js';

/** What an attribute must be: there at all, or one of these values. Values travel as data, never as filter text. */
const wanted = z.union([z.literal(true), oneOrMore()]) as unknown as z.ZodType<true | Text[]>;

export const ldapSearch = stepKind({
  kind: 'ldap.search',
  on: 'ldap',
  about:
    'Reads entries of an LDAP server; `register` takes them from stdout, with `parse: ldif`. An entry that is not there has no entries below it.',
  schema: z.strictObject({
    ...server,
    entry: entryName().describe('The distinguished name from which on is searched'),
    scope: z
      .enum(['entry', 'one', 'subtree'])
      .default('entry')
      .describe('The entry alone, those directly below it, or it with all below it'),
    where: z
      .record(attributeName(), wanted)
      .default({})
      .describe(
        'What entries must have, all of it: by attribute a value, several of which one will do, or true for any',
      ),
    attributes: z
      .array(z.union([attributeName(), z.enum(['*', '+'])]))
      .min(1)
      .default(['*'])
      .describe('Which attributes are read; "*" those of people, "+" those of the server'),
    count: z.boolean().default(false).describe('Whether the output is the number of entries, and nothing of them'),
  }),
  undo: 'nothing',
  repeatable: true,
  output: true,
  compile({ scope, where, attributes, count, ...at }) {
    const keys = Object.keys(where).map(attributeKey);
    const twice = Object.keys(where).find((_name, index) => keys.indexOf(keys[index] ?? '') < index);
    if (twice !== undefined) throw new Unusable(['where', twice], `${twice} is named twice`);
    return {
      on: 'ldap',
      ...at,
      change: { how: 'search', scope, where, attributes: count ? ['1.1'] : attributes, count },
    };
  },
});
