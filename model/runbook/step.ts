import { z } from 'zod';
import { duration } from '../steps/arguments.js';
import { each } from './each.js';
import { hint } from './hint.js';
import { covered, expressionName, line, proof } from './names.js';
import { register } from './register.js';

const expression = (about: string) => z.string().min(1).describe(about);

/** Tries of a step. What surely did not happen is tried again; anything else only where the step is repeatable. */
export const retry = z
  .strictObject({
    attempts: z.int().min(1).max(100).default(1).describe('Tries in all').meta({ expressible: true }),
    interval: duration().default(1).describe('Time before the second try'),
    backoff: z
      .number()
      .min(1)
      .max(10)
      .default(1)
      .describe('Factor by which the interval grows')
      .meta({ expressible: true }),
    cap: duration().default(300).describe('Longest interval'),
  })
  .describe('Tries again what failed; see docs/runbooks.md');

const atLeastASecond = duration()
  .refine((seconds) => seconds >= 1, 'must be at least 1s')
  .meta({ title: 'duration' });

const acting = {
  id: expressionName('a step id').describe(
    'Names the step in expressions, commands and the journal; unique in the runbook',
  ),
  step: line().describe('What is so afterwards, in words'),
  when: expression('CEL, asked once on each host; where it is false the step is skipped').optional(),
  retry: retry.prefault({}),
  timeout: atLeastASecond.default(600).describe('How long the step may take on a host; 10 minutes where absent'),
  lost_after: atLeastASecond
    .optional()
    .describe(
      'How long a host that is lost in the midst of the step is asked again before its outcome is unknown; 10 minutes where absent',
    ),
  repeatable: z
    .boolean()
    .optional()
    .describe('A second try does no harm, even when nobody knows how the first one ended'),
};

/** The id of an earlier step, or of a step of a fragment that is called, with the dot between. */
export const undoneByPattern = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*$/;
const taker = z.string().regex(undoneByPattern, 'must be the id of a step, such as kept or installed.package');
const undoneBy = z.strictObject({ by: z.union([taker, z.array(taker).min(1).max(20)]) });

/** A step that takes another one back. */
export const undoStep = z.looseObject(acting);

/** What every step may say; the key of its kind stands beside these. */
export const step = z.looseObject({
  ...acting,
  each: each
    .optional()
    .describe('Repeats the step over a list: each.value and each.index are the entry and its number'),
  call: z.string().min(1).optional().describe('A fragment beside the runbook, whose steps stand here'),
  with: z.record(z.string(), z.unknown()).optional().describe('Values for the parameters of the fragment'),
  register: z
    .record(expressionName('a registered name'), register)
    .default({})
    .describe('Values kept from the output, for steps.ID.NAME'),
  assert: z
    .union([expression('CEL'), z.array(expression('CEL')).min(1)])
    .optional()
    .describe('CEL over what was registered; false makes the step fail')
    .transform((asserted) => (asserted === undefined ? [] : [asserted].flat())),
  hint: z.array(hint).max(50).default([]).describe('Known errors, and what to do about each'),
  read_only: z.boolean().default(false).describe('Changes nothing: may be repeated, and has nothing to undo'),
  undo: z
    .union([
      z.literal('none').describe('Cannot be undone; "because" says why'),
      z.strictObject({ steps: z.array(undoStep).min(1) }).describe('Steps that take it back'),
      undoneBy.describe('Earlier steps of the same hosts, whose undo takes it back, too'),
    ])
    .optional()
    .describe(
      'How the step goes back, where its kind does not know: "none" with "because", steps, or "by" earlier steps; beside a call only "by", for what its fragment cannot undo',
    ),
  because: line(500).optional().describe('Why it cannot be undone; shown before every approval'),
  covers: z
    .array(covered())
    .min(1)
    .max(200)
    .optional()
    .describe('Numbers of requirements that this step meets; shown in tables of coverage, without effect on a run'),
  proven_by: z
    .array(proof())
    .min(1)
    .max(20)
    .optional()
    .describe('Steps that prove what it covers, beside its own proof; without effect on a run'),
});

export type Step = z.infer<typeof step>;
export type UndoStep = z.infer<typeof undoStep>;
export const stepKeys = Object.keys(step.shape);
export const undoStepKeys = Object.keys(undoStep.shape);
