import { z } from 'zod';
import type { Text } from '../value.js';
import { duration, text } from './arguments.js';

/** What all that is collected has in common. */
export const collected = {
  source: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must begin with a letter and hold only a-z 0-9 _ -')
    .describe('What it is called, and found by'),
  labels: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'must begin with a letter and hold only a-z 0-9 _'), text())
    .default({})
    .describe('What else it is found by, by name') as unknown as z.ZodType<Record<string, Text>>,
  keep: duration()
    .refine((seconds) => seconds >= 60 && seconds <= 10 * 366 * 86_400, 'must be from 1 minute to 10 years')
    .describe('For how long it is kept; then Belay deletes it'),
};
