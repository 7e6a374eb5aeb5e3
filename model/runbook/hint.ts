import { z } from 'zod';
import { patternTrouble } from '../pattern.js';
import { line } from './names.js';

const pattern = (stream: string) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(500)
    .superRefine((written, context) => {
      const trouble = patternTrouble(written);
      if (trouble !== undefined)
        context.addIssue({
          code: 'custom',
          message: `this is no RE2 pattern: ${trouble}; RE2 knows neither look-around nor back references`,
        });
    })
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
