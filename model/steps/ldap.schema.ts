import { z } from 'zod';
import { readDefinition } from '../schema-definition.js';
import { text } from './arguments.js';
import { stepKind, Unusable } from './kind.js';
import { entryName, server } from './ldap.js';

const definitions = () =>
  z
    .array(
      text().refine(
        (one) => typeof one === 'string' && readDefinition(one) !== undefined,
        "must be a definition such as ( 1.3.6.1.4.1.32473.1.1 NAME 'acmeName' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 ), without expressions",
      ) as unknown as z.ZodType<string>,
    )
    .default([]);

export const ldapSchema = stepKind({
  kind: 'ldap.schema',
  on: 'ldap',
  about:
    'Has attribute types and object classes be part of the schema of an LDAP server; what the schema defines otherwise is never changed.',
  schema: z.strictObject({
    ...server,
    entry: entryName()
      .default('cn=schema')
      .describe(
        'Where the schema is: cn=schema (OpenDJ, 389), or an entry that is there below cn=schema,cn=config (slapd), without its number in braces',
      ),
    attribute_types: definitions().describe('Definitions as in RFC 4512; what others need stands before them'),
    object_classes: definitions(),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ attribute_types, object_classes, ...where }) {
    const all = [...attribute_types, ...object_classes];
    if (all.length === 0) throw new Unusable([], 'says nothing to define');
    const names = all.flatMap((one) => {
      const read = readDefinition(one);
      return read ? [read.oid, ...read.names] : [];
    });
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) throw new Unusable([], `${twice} is defined twice`);
    return {
      on: 'ldap',
      ...where,
      change: { how: 'schema', attributeTypes: attribute_types, objectClasses: object_classes },
    };
  },
});
