import { z } from 'zod';
import { isAddress, isHostName } from '../transforms/hosts.js';
import { text } from './arguments.js';
import { captureFile, refusal, replaceFile, restoreFile, verifyFile } from './file-state.sh.js';
import { stepKind } from './kind.js';

const file = '/etc/hosts';

const known = (is: (text: string) => boolean, message: string): ReturnType<typeof text> =>
  text().refine((value) => typeof value !== 'string' || is(value), message) as ReturnType<typeof text>;

export const hostsFile = stepKind({
  kind: 'hosts_file',
  about: 'Has names and addresses in a marked block of /etc/hosts; every line outside of it stays byte for byte.',
  schema: z.strictObject({
    block: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be letters, digits, ".", "_" and "-"')
      .describe('Names the block; blocks of other names are left alone'),
    entries: z
      .array(
        z.strictObject({
          address: known(isAddress, 'must be an IPv4 or IPv6 address'),
          names: z.array(known(isHostName, 'must be a host name')).min(1).describe('The full name first'),
        }),
      )
      .describe('What the block says, in this order; none: there shall be no such block'),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ block, entries }) {
    return {
      on: 'host',
      capture: { text: captureFile, arguments: [file, 'exists'] },
      transform: { name: 'hosts', arguments: { block, entries } },
      do: { text: replaceFile, arguments: [file, '', '', '', '0644'], refusal },
      verify: { text: verifyFile, arguments: [file, '', '', ''], printsImage: true },
      undo: { text: restoreFile, arguments: [file] },
    };
  },
});
