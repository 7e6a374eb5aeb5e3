import { z } from 'zod';
import type { Template, Value } from '../value.js';
import { isPointer } from '../transforms/json-text.js';
import { template } from './arguments.js';
import { stepKind, Unusable } from './kind.js';
import { attributeName, entryName, server } from './ldap.js';

/** Whether a template hides deeper in the value, where nothing would ever fill it. */
function nests(value: Value | Template, top = true): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!top && template.safeParse(value).success) return true;
  if (top && template.safeParse(value).success) return false;
  return Object.values(value).some((one) => nests(one as Value, false));
}

const set = z
  .array(
    z.strictObject({
      pointer: z
        .string()
        .refine(
          isPointer,
          'must be a JSON pointer such as /redisConfiguration/servers; `~json` goes into JSON text inside a string',
        )
        .describe(
          'Where, as a JSON pointer (RFC 6901); ~json goes into JSON text inside a string; /list/- is an item that the list shall have, at its end where it lacks it',
        ),
      value: z
        .union([template, z.json() as z.ZodType<Value>])
        .refine((value) => !nests(value), 'an expression must be the whole value; set each place by its own pointer')
        .describe('What it shall be; a secret may go here'),
    }),
  )
  .min(1);

export const ldapJson = stepKind({
  kind: 'ldap.json',
  on: 'ldap',
  about: 'Sets values inside JSON text that lies inside one attribute of an LDAP entry.',
  schema: z.strictObject({
    ...server,
    entry: entryName().describe('The distinguished name of the entry'),
    attribute: attributeName(),
    set: set.describe('What to set; all else stays as it is, to the byte'),
  }),
  undo: 'restore',
  repeatable: true,
  compile(args) {
    const seen = new Set<string>();
    for (const [index, { pointer }] of args.set.entries()) {
      if (seen.has(pointer) && !pointer.endsWith('/-'))
        throw new Unusable(['set', index, 'pointer'], `${pointer} is set twice`);
      seen.add(pointer);
    }
    const { attribute, set: places, ...where } = args;
    return { on: 'ldap', ...where, change: { how: 'json', attribute, set: places } };
  },
});
