// cspell:ignore AAAAC
import { createHash } from 'node:crypto';
import { compileWith, type Compilation, type PlanSource } from '../../model/compile/compile.js';
import { formatFinding } from '../../model/finding.js';
import type { Plan } from '../../model/plan.js';
import { fakeKinds } from './fake-kinds.js';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const key = (letter: string): string => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${letter.repeat(44)}`;

/** Three hosts in two groups. */
export const inventoryText = `
hosts:
  cache: { address: 192.0.2.1, key: { secret: login }, host_keys: ["${key('a')}"], values: { port: 6379, list: [a, b] } }
  node1: { address: 192.0.2.2, key: { secret: login }, host_keys: ["${key('b')}"], values: { site: east } }
  node2: { address: 192.0.2.3, key: { agent: true }, host_keys: ["${key('c')}"] }
groups:
  cache: [cache]
  nodes: { hosts: [node1, node2], values: { site: west } }
`;

/** Documents, inputs and secrets of a plan, as texts. */
export interface Written {
  readonly runbook: string;
  readonly inventory?: string;
  readonly beside?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, number>>;
}

export function source({
  runbook,
  inventory = inventoryText,
  beside = {},
  inputs = {},
  secrets = { login: 1 },
}: Written): PlanSource {
  const texts = {
    ...Object.fromEntries(Object.entries(beside).map(([name, text]) => [`book/${name}`, text])),
    'book/runbook.yaml': runbook,
    'inventory.yaml': inventory,
  };
  const files = new Map(Object.entries(texts).map(([name, text]) => [name, new TextEncoder().encode(text)] as const));
  return {
    files,
    runbook: 'book/runbook.yaml',
    inventory: 'inventory.yaml',
    inputs,
    secretVersion: (name) => secrets[name],
    sha256,
  };
}

export function compile(written: Written): Compilation {
  return compileWith(fakeKinds, source(written));
}

/** The plan; a mistake makes the test fail with it. */
export function planOf(written: Written): Plan {
  const { plan, findings } = compile(written);
  if (plan === undefined) throw new Error(findings.map(formatFinding).join('\n'));
  return plan;
}

/** What was found, as it is printed. */
export function foundIn(written: Written): string[] {
  return compile(written).findings.map(formatFinding);
}

/** A runbook of one phase with the steps given, as YAML flow. */
export function onePhase(steps: string, hosts = 'nodes', more = ''): string {
  return `
runbook: test
about: A test
groups: { cache: {}, nodes: {} }
parameters:
  port: { type: port, default: 16379 }
  name: { type: text, default: redis }
  count: { type: integer, default: 2 }
secrets:
  password: { generate: { length: 32 } }
  token: {}
phases:
  - phase: Only
    hosts: ${hosts}
    ${more}
    steps:
${steps.replace(/^/gm, '      ')}
`;
}
