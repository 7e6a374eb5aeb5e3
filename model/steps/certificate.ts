import { z } from 'zod';
import type { Text } from '../value.js';
import { captureCertificate, checkCertificate, installCertificate, restoreCertificate } from './certificate.sh.js';
import { owner, duration, mode, path, text } from './arguments.js';
import { refusal } from './file-state.sh.js';
import { stepKind, Unusable } from './kind.js';

const schema = z.strictObject({
  authority: z
    .strictObject({ certificate: text({ secret: true }), key: text({ secret: true }) })
    .describe('`${{ secret.NAME.certificate }}` and `${{ secret.NAME.key }}` of a certificate_authority'),
  names: z
    .array(
      text({
        pattern: /^(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$|^(?=.*:)[0-9a-fA-F:]+$/,
        message: 'must be a host name or an address',
      }),
    )
    .min(1)
    .describe('Names and addresses it is valid for; the first becomes its common name'),
  key: path().describe('Where the private key goes; it is made on the host and never leaves it'),
  certificate: path().describe('Where the certificate goes'),
  combined: path().optional().describe('Where key and certificate go in one file, as stunnel wants them'),
  owner: owner().optional(),
  group: owner().optional(),
  key_mode: mode().default('0600').describe('Of the key and of the combined file'),
  days: z.int().min(1).max(398).default(365).describe('How long it is valid'),
  renew_before: duration()
    .default(30 * 86_400)
    .describe('It is made anew when it has less time left than this'),
});
type Arguments = z.infer<typeof schema>;

export const certificate = stepKind<Arguments>({
  kind: 'certificate',
  about: "Has a certificate of the runbook's own authority, with a private key that never leaves the host.",
  schema,
  undo: 'restore',
  repeatable: true,
  compile(args) {
    const paths = [args.key, args.certificate, args.combined ?? ''];
    if (new Set(paths).size < paths.length)
      throw new Unusable(['certificate'], 'key, certificate and combined file need a path each');
    if (args.renew_before >= args.days * 86_400)
      throw new Unusable(['renew_before'], 'is longer than the certificate is valid');
    const dress = [args.owner ?? '', args.group ?? '', args.key_mode];
    const check = {
      text: checkCertificate,
      arguments: [...paths, ...dress, String(args.renew_before), ...args.names.map(asPrinted)],
      environment: { AUTHORITY: args.authority.certificate },
    };
    return {
      on: 'host',
      check,
      capture: { text: captureCertificate, arguments: paths },
      transform: {
        name: 'certificate',
        arguments: {
          authority_certificate: args.authority.certificate,
          authority_key: args.authority.key,
          names: args.names,
          days: args.days,
        },
      },
      do: { text: installCertificate, arguments: [...paths, ...dress], refusal },
      verify: check,
      undo: { text: restoreCertificate, arguments: paths },
    };
  },
});

/** An IPv6 address as openssl prints it: eight groups without leading zeros. Other names stay as they are. */
function asPrinted(name: Text): Text {
  if (typeof name !== 'string' || !name.includes(':')) return name;
  const [head = '', tail] = name.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(Math.max(0, zeros)).fill('0'), ...groups(tail ?? '')];
  return all.map((group) => parseInt(group, 16).toString(16)).join(':');
}
