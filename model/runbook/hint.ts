import { z } from 'zod';
import { patternText } from '../types/pattern-text.js';
import { line } from './names.js';

const pattern = (stream: string) =>
  patternText
    .min(1, 'must not be empty')
    .describe(`RE2 pattern that is found in what the failed script wrote to ${stream}`);

const exitCode = z.int().min(0).max(255);

/** A known error, and what to do about it. All that is said of the error must be so. */
export const hint = z
  .strictObject({
    stdout: pattern('standard output').optional(),
    stderr: pattern('standard error').optional(),
    exit: z
      .union([exitCode, z.array(exitCode).min(1)])
      .optional()
      .describe('Exit code of the failed script, or a list of them')
      .transform((codes) => (codes === undefined ? undefined : [codes].flat())),
    advice: line(500).describe('What to do about it; shown with the failed task').meta({ expressible: true }),
  })
  .refine(
    ({ stdout, stderr, exit }) => stdout !== undefined || stderr !== undefined || exit !== undefined,
    'this does not say which error is meant; add stdout, stderr or exit',
  );
