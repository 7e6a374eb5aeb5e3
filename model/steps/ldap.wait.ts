import { z } from 'zod';
import { stepKind } from './kind.js';
import { entryName, server } from './ldap.js';

export const ldapWait = stepKind({
  kind: 'ldap.wait',
  on: 'ldap',
  about:
    'Waits until what is written on one LDAP server shows on its peer, by a marker entry that is removed again; the time limit is the one of the step.',
  schema: z.strictObject({
    ...server,
    entry: entryName().describe('The distinguished name of a replicated entry, below which the marker is written'),
    peer: z.strictObject(server).describe('The server on which it must show, and disappear again'),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ peer, ...where }) {
    return { on: 'ldap', ...where, change: { how: 'marker', peer } };
  },
});
