import { z } from 'zod';

/** What the API answers about records and numbers that were collected. */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const labels = z.record(z.string(), z.string());

export const recordAnswer = z.strictObject({
  host: z.string(),
  source: z.string(),
  labels,
  path: z.string().meta({ description: 'Where its file was found last' }),
  at: time.meta({ description: 'When it was written, as it says itself; when it was read, where it says nothing' }),
  text: z.string(),
  cut: z.int().meta({ description: 'Bytes that were left out at its end' }),
});
export const gapAnswer = z.strictObject({
  host: z.string(),
  source: z.string(),
  path: z.string(),
  since: time,
  until: time,
  because: z.string(),
});
export const logsAnswer = z.strictObject({
  records: z.array(recordAnswer).readonly(),
  gaps: z.array(gapAnswer).readonly().meta({ description: 'Where records of that time may be missing' }),
  next: z.string().exactOptional().meta({ description: 'The "before" of the next page, where there is one' }),
});
export type LogsAnswer = z.infer<typeof logsAnswer>;

export const sourceAnswer = z.strictObject({
  host: z.string(),
  kind: z.enum(['lines', 'values']),
  source: z.string(),
  labels,
  keep: z.int().meta({ description: 'Seconds for which it is kept' }),
  every: z.int().exactOptional().meta({ description: 'Seconds between two collections that are meant to be regular' }),
  lookedAt: time,
  behind: z.int().meta({ description: 'Bytes that were seen and not read yet' }),
  gaps: z.int(),
  oldest: time.exactOptional(),
  newest: time.exactOptional(),
  deleted: z.int().meta({ description: 'How many records or numbers were deleted because their time was over' }),
  deletedAt: time.exactOptional(),
});
export const sourcesAnswer = z.strictObject({ sources: z.array(sourceAnswer).readonly() });
export type SourcesAnswer = z.infer<typeof sourcesAnswer>;

export const metricAnswer = z.strictObject({
  host: z.string(),
  source: z.string(),
  labels,
  name: z.string(),
  points: z
    .array(z.tuple([time, z.number().nullable()]))
    .readonly()
    .meta({ description: 'The begin of each stretch and its value; null where nothing was collected' }),
});
export const metricsAnswer = z.strictObject({
  every: z.int().meta({ description: 'Seconds of one stretch' }),
  series: z.array(metricAnswer).readonly(),
});
export type MetricsAnswer = z.infer<typeof metricsAnswer>;

export const metricNamesAnswer = z.strictObject({
  metrics: z
    .array(z.strictObject({ host: z.string(), source: z.string(), name: z.string(), at: time, value: z.number() }))
    .readonly(),
});
export type MetricNamesAnswer = z.infer<typeof metricNamesAnswer>;
