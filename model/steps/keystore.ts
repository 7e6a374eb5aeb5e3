import { z } from 'zod';
import type { Text } from '../value.js';
import { owner, mode, path, text } from './arguments.js';
import { refusal } from './file-state.sh.js';
import { captureKeystore, checkKeystore, restoreKeystore, setKeystore } from './keystore.sh.js';
import { stepKind, Unusable } from './kind.js';

const alias = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be an alias: lower-case letters, digits, ".", "_", "-"');

const schema = z.strictObject({
  file: path().describe('Where, on the host; a new one is made where it is not there'),
  type: z.enum(['PKCS12', 'JKS']).default('PKCS12').describe('What a new one is; an existing one must be this'),
  password: text({ secret: true }).describe('Of the keystore and of its keys, at least six characters'),
  trusted: z
    .record(alias, text({ secret: true }))
    .optional()
    .describe('Certificates that it shall trust, by alias; each one in PEM'),
  keys: z
    .record(
      alias,
      z.strictObject({
        key: path().describe('File of the host with the private key, PEM'),
        certificate: path().describe('File of the host with its certificate and chain, PEM'),
      }),
    )
    .optional()
    .describe('Private keys that it shall hold, by alias'),
  absent: z.array(alias).min(1).optional().describe('Aliases that it shall not have'),
  keytool: path().default('/usr/bin/keytool').describe('The keytool of the Java that reads it'),
  owner: owner().optional().describe('As it is, or root for a new one, where absent'),
  group: owner().optional(),
  mode: mode().optional().describe('As it is where absent; a new one gets "0600"'),
});
type Arguments = z.infer<typeof schema>;

export const keystore = stepKind<Arguments>({
  kind: 'keystore',
  about: 'Has certificates and keys in a Java keystore; entries whose SHA-256 fingerprints are right are not touched.',
  schema,
  undo: 'restore',
  repeatable: true,
  compile(args) {
    const entries = entriesOf(args);
    const dress = [args.owner ?? '', args.group ?? '', args.mode ?? ''];
    const call = {
      arguments: [args.file, args.keytool, args.type, ...dress, ...entries.flatMap(({ words }) => words)],
      environment: {
        PASSWORD: args.password,
        ...Object.fromEntries(entries.flatMap(({ pem }, index) => (pem ? [[`CERTIFICATE_${index + 1}`, pem]] : []))),
      },
    };
    return {
      on: 'host',
      check: { text: checkKeystore, ...call },
      capture: { text: captureKeystore, arguments: [args.file] },
      do: { text: setKeystore, ...call, refusal },
      verify: { text: checkKeystore, ...call },
      undo: { text: restoreKeystore, arguments: [args.file] },
    };
  },
});

interface Entry {
  /** What it is (trusted, key, absent), its alias, and two files for a key. */
  readonly words: readonly Text[];
  readonly pem?: Text;
}

function entriesOf({ trusted = {}, keys = {}, absent = [] }: Arguments): Entry[] {
  const entries: Entry[] = [
    ...Object.entries(trusted).map(([name, pem]) => ({ words: ['trusted', name, '', ''], pem })),
    ...Object.entries(keys).map(([name, { key, certificate }]) => ({ words: ['key', name, key, certificate] })),
    ...absent.map((name) => ({ words: ['absent', name, '', ''] })),
  ];
  if (entries.length === 0) throw new Unusable([], 'needs `trusted`, `keys` or `absent`');
  const names = entries.map(({ words }) => words[1]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Unusable([], `the alias "${String(twice)}" is asked for twice`);
  return entries;
}
