import { z } from 'zod';
import { isNetwork } from '../transforms/hosts.js';
import type { Text } from '../value.js';
import { port, text } from './arguments.js';
import { refusal } from './file-state.sh.js';
import { firewalld } from './firewall-firewalld.sh.js';
import { nftables } from './firewall-nftables.sh.js';
import { ufw } from './firewall-ufw.sh.js';
import { stepKind } from './kind.js';

const source = text().refine(
  (value) => typeof value !== 'string' || isNetwork(value),
  'must be an address, or a network such as 10.0.0.0/24',
) as ReturnType<typeof text>;

const rule = z.strictObject({
  action: z.enum(['allow', 'deny', 'reject']).describe('`deny` gives no answer, `reject` says no'),
  port: port().describe('The port of this host'),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
  from: z
    .array(source)
    .min(1)
    .optional()
    .describe('Addresses and networks, as the tool itself writes them; everybody where absent'),
});

const tools = { nftables, ufw, firewalld };

export const firewall = stepKind({
  kind: 'firewall',
  about: 'Has rules for what reaches this host, now and after a restart; refuses to cut off an SSH connection.',
  schema: z.strictObject({
    tool: z
      .enum(['nftables', 'ufw', 'firewalld'])
      .describe(
        'What keeps the rules of this host: a table of its own (`nftables`), rules before all others (`ufw`), or a ' +
          'policy of its own (`firewalld`)',
      ),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,30}$/, 'must be lower-case letters, digits and "_"')
      .describe('Names these rules; rules of other names are left alone'),
    rules: z.array(rule).min(1).describe('In order: the first that fits decides'),
  }),
  undo: 'restore',
  repeatable: true,
  compile({ tool, name, rules }) {
    const scripts = tools[tool];
    const wanted: Text[] = [
      name,
      ...rules.flatMap(({ action, protocol, port: number, from }) => [action, protocol, number, joined(from ?? [])]),
    ];
    return {
      on: 'host',
      check: { text: scripts.check, arguments: wanted },
      capture: { text: scripts.capture, arguments: wanted },
      do: { text: scripts.set, arguments: wanted, refusal },
      verify: { text: scripts.check, arguments: wanted },
      undo: { text: scripts.restore, arguments: [name] },
    };
  },
});

/** Sources as one word with commas, holes left in. */
function joined(sources: readonly Text[]): Text {
  if (sources.every((one) => typeof one === 'string')) return sources.join(',');
  const pieces = sources.flatMap((one, index) => [
    ...(index === 0 ? [] : [',']),
    ...(typeof one === 'string' ? [one] : one.template),
  ]);
  return { template: pieces };
}
