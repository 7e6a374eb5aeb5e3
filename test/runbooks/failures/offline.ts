import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { chanceFrom } from '../../chaos/chance.js';
import { planWithoutLab } from '../plan-without-lab.js';
import type { Procedure } from './procedures.js';
import { placesOf, wholeRun } from './rows.js';
import { same, stepsOf, type Known } from './table.js';

interface Described {
  readonly domain: string;
  readonly hosts: Readonly<Record<string, { readonly fqdn?: string; readonly values?: object }>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** What the table of a procedure has rows of, in its order, without hosts that are there. */
export function stepsWithoutLab(top: string, procedure: Procedure): Known[] {
  const { runbook, inputs, grown } = procedure;
  const inventory = inventoryOf(join(top, 'lab', 'descriptions', 'gluu-pair.yaml'), grown === true);
  const plan = planWithoutLab(runbook, inventory, inputs, top);
  return beyond(stepsOf(plan, placesOf(plan, chanceFrom(0))), procedure, top);
}

/** Of the steps of a procedure those that no other table has. The whole run is one of each. */
export function beyond(steps: readonly Known[], { beyond: other }: Procedure, top = '.'): Known[] {
  const elsewhere = other === undefined ? [] : stepsWithoutLab(top, other);
  return steps.filter((step) => same(step, wholeRun) || !elsewhere.some((one) => same(one, step)));
}

/** An inventory as the lab of this description has one, of hosts that are nowhere. */
function inventoryOf(description: string, grown: boolean): string {
  const { domain, hosts, groups } = parse(readFileSync(description, 'utf8')) as Described;
  const entries = Object.entries(hosts).map(([name, host], index) => [
    name,
    {
      address: `192.0.2.${String(index + 1)}`,
      key: { secret: 'lab-key' },
      host_keys: [`ssh-ed25519 ${sshKey(index)}`],
      values: {
        fqdn: host.fqdn ?? `${name}.${domain}`,
        gluu_repository: 'http://packages.lab.test/gluu/',
        gluu_key_fingerprint: '0'.repeat(40),
        gluu_entry: 'chroot',
        ...host.values,
      },
    },
  ]);
  const nodes = [...(groups['nodes'] ?? []), ...(grown ? (groups['spare'] ?? []) : [])];
  return stringify({ hosts: Object.fromEntries(entries) as unknown, groups: { ...groups, nodes } });
}

/** A public key of nobody, as it stands in `known_hosts`. */
function sshKey(number: number): string {
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.alloc(32, number + 1))]).toString('base64');
}
