import type { Plan } from '../../model/plan.js';
import { foundIn, planOf } from './planning.js';

export const secrets = { login: 1, token: 1 };

/** Phases as YAML flow, one a line. */
export const runbook = (...phases: readonly string[]): string => `
runbook: test
about: A test
groups: { cache: {}, nodes: {} }
parameters:
  name: { type: text, default: node2 }
  some: { type: list, of: { type: text }, default: [] }
secrets: { token: {} }
phases:
${phases.map((phase) => `  - ${phase}`).join('\n')}
`;
export const planned = (phases: readonly string[], inputs = {}): Plan =>
  planOf({ runbook: runbook(...phases), secrets, inputs });
export const found = (phases: readonly string[], inputs = {}): string[] =>
  foundIn({ runbook: runbook(...phases), secrets, inputs }).map((line) => line.replace(/^book.runbook.yaml:/, ''));

export const read = 'register: { out: { from: stdout } }, read_only: true';
export const overNodes = 'each: { in: "${{ groups.nodes }}", key: each.value.name }';
export const drain = `{ phase: Drain, hosts: cache, steps: [{ id: drain, step: x is out, run: [drain, "\${{ each.value.name }}", "\${{ each.index }}"], ${read} }] }`;
export const restart = `{ phase: Restart, hosts: "\${{ each.value.name }}", steps: [{ id: restart, step: x is new, run: [restart, "\${{ steps.drain.out }}"], ${read}, assert: steps.restart.out == each.value.name }] }`;
export const roll = `{ ${overNodes}, phases: [${drain}, ${restart}] }`;
export const after = (expression: string, more = ''): string =>
  `{ phase: After, hosts: cache, steps: [{ id: after, step: x, say: "\${{ ${expression} }}"${more} }] }`;
