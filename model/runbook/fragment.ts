import { z } from 'zod';
import { parameter } from '../types/parameter.js';
import { about, documentName, expressionName } from './names.js';
import { step } from './step.js';

/** Steps in a document of their own, to be called by the steps of runbooks and of other fragments. */
export const fragment = z.strictObject({
  fragment: documentName('a fragment').describe('Its name'),
  about: about(),
  parameters: z.record(expressionName('a parameter'), parameter).default({}).describe('What its caller gives it'),
  secrets: z
    .array(expressionName('a secret'))
    .default([])
    .describe('Secrets of the runbook that it uses, under the names they have there'),
  steps: z.array(step).min(1),
  outputs: z
    .record(expressionName('an output'), z.string().min(1))
    .default({})
    .describe('What it gives back: CEL by name, for steps.ID.NAME of its caller'),
});
export type Fragment = z.infer<typeof fragment>;
