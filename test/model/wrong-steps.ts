import { stringify } from 'yaml';

/** A runbook with these steps, one a line; the first stands in line 10. */
export function runbookOf(...steps: readonly string[]): string {
  return `runbook: test
about: A test
groups: { cache: {}, nodes: {} }
parameters: { port: { type: port, default: 16379 }, names: { type: list, of: { type: text }, default: [] } }
secrets: { token: {} }
phases:
  - phase: Only
    hosts: nodes
    steps:
${steps.map((step) => `      - ${step}\n`).join('')}`;
}

/** Steps with a mistake, and what is found in them. */
export interface Wrong {
  readonly it: string;
  readonly steps: readonly unknown[];
  readonly files?: Readonly<Record<string, string>>;
  readonly found: readonly string[];
}

/** A step on one line. */
export const flow = (step: unknown): string => stringify(step, { collectionStyle: 'flow', lineWidth: 0 }).trim();
