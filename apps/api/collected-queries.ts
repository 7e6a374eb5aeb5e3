import { z } from 'zod';
import { summaries } from '../../model/collect/series.js';

/** The shapes of what is asked about records and numbers that were collected. */

const time = z.iso.datetime({ offset: true });
const word = z.string().min(1).max(253).optional();
const labels = z
  .string()
  .max(2_000)
  .regex(/^[a-z][a-z0-9_]*=[^,]*(,[a-z][a-z0-9_]*=[^,]*)*$/, 'must look like name=value,name=value')
  .optional()
  .meta({ description: 'Labels that the source must have: name=value,name=value' });
const which = { host: word, source: word, labels };
const stretch = {
  since: time.optional().meta({ description: 'A day before "until" where absent' }),
  until: time.optional().meta({ description: 'Now, where absent' }),
};

export const logsQuery = z.strictObject({
  ...which,
  ...stretch,
  text: z.string().min(1).max(500).optional().meta({ description: 'A part of the record, in letters of either case' }),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  before: z
    .string()
    .regex(/^\d{1,17}\.\d{1,15}\.\d{1,15}$/, 'must be the "next" of the page before')
    .optional(),
});
export type LogsQuery = z.infer<typeof logsQuery>;

export const metricNamesQuery = z.strictObject(which);
export type MetricNamesQuery = z.infer<typeof metricNamesQuery>;

export const metricPath = z.strictObject({ name: z.string().min(1).max(400) });
export const metricQuery = z.strictObject({
  ...which,
  ...stretch,
  every: z.coerce
    .number()
    .int()
    .min(1)
    .max(366 * 86_400)
    .optional()
    .meta({ description: 'Seconds of one stretch; as it is collected, where absent, but for at most 1,000 of them' }),
  as: z.enum(summaries).default('average').meta({ description: 'What is said of a stretch; "rate" of what counts up' }),
});
export type MetricQuery = z.infer<typeof metricQuery>;
