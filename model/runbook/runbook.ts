import { z } from 'zod';
import { duration } from '../steps/arguments.js';
import { each } from './each.js';
import { hint } from './hint.js';
import { about, documentName, expressionName, line } from './names.js';
import { parameter } from '../types/parameter.js';
import { declaredSecret } from './secret.js';
import { step } from './step.js';

const batch = z.union([
  z.int().min(1).describe('Hosts at a time'),
  z
    .string()
    .regex(/^(?:100|[1-9]\d?)%$/, 'must be a number of hosts, or a share such as "25%"')
    .describe('A share of the hosts'),
]);

/** Which hosts go together. */
export const serial = z.union([
  batch,
  z.array(batch).min(1).describe('One batch after another; the last size repeats'),
]);
export type Serial = z.infer<typeof serial>;

/** A question to people, before a phase. */
export const approval = z.strictObject({
  ask: line(500).describe('The question, answered before the phase begins').meta({ expressible: true }),
  groups: z.array(line(64)).min(1).default(['operators']).describe('Whose votes count'),
  votes: z.int().min(1).max(20).default(1).describe('How many approvals are needed').meta({ expressible: true }),
  timeout: duration().optional().describe('How long to wait; without it, for ever'),
  on_timeout: z.enum(['stop', 'undo']).default('stop').describe('What to do when nobody answers in time'),
});

export const phase = z.strictObject({
  phase: line(80).describe('Its name'),
  when: z
    .string()
    .min(1)
    .optional()
    .describe('CEL over parameters and groups, asked when the plan is made; where it is false the phase is left out'),
  hosts: line(1000).describe(
    'Groups and hosts: "nodes", "nodes:!node2", "nodes:&prod", "nodes[0]", "nodes[1:]", "all"; or an expression that gives the name of a host, or a list of them',
  ),
  serial: serial
    .optional()
    .describe('Hosts that go together: a number, a share, or a list of them; all where absent')
    .meta({ expressible: true }),
  max_failures: z
    .int()
    .min(0)
    .default(0)
    .describe('Hosts of a wave that may fail before it stops')
    .meta({ expressible: true }),
  on_failure: z
    .enum(['pause', 'undo', 'stop'])
    .default('pause')
    .describe(
      'What happens when more hosts fail; a task of which nobody knows what became of it always waits for a person',
    ),
  approval: approval.optional(),
  steps: z.array(step).min(1),
});

/** Phases that are carried out once for each entry of a list, one entry after another. */
export const repeatedPhases = z.strictObject({
  each: each.describe('Repeats the phases over a list: each.value and each.index are the entry and its number'),
  phases: z.array(phase).min(1).describe('One after another, for each entry'),
});

const size = z
  .strictObject({
    min: z.int().min(0).default(0),
    max: z.int().min(0).optional(),
    help: z.string().min(1).max(500).optional().describe('Why it has these bounds, and what to do beyond them'),
  })
  .refine(({ min, max }) => max === undefined || min <= max, { error: 'min is greater than max', path: ['min'] });

/** A runbook as its author writes it. The keys of step kinds are checked beside this, against the list of kinds. */
export const runbook = z.strictObject({
  runbook: documentName('a runbook').describe('Its name; run ids begin with it'),
  about: about(),
  only_looks: line(500)
    .optional()
    .describe(
      'That its runs change nothing that others work on, and why what they write harms nobody: they go on beside a run that holds the same machines',
    ),
  groups: z
    .record(expressionName('a group'), size)
    .default({})
    .describe('Groups that the inventory must have, with how many hosts'),
  parameters: z.record(expressionName('a parameter'), parameter).default({}).describe('What is entered for each run'),
  secrets: z.record(expressionName('a secret'), declaredSecret).default({}).describe('Secrets it needs'),
  hints: z.array(hint).max(50).default([]).describe('Known errors of any step on a host, and what to do about each'),
  phases: z
    .array(z.union([phase, repeatedPhases]))
    .min(1)
    .describe('One after another, each on its hosts; or several that are repeated over a list'),
});
export type Runbook = z.infer<typeof runbook>;
export type Phase = z.infer<typeof phase>;
