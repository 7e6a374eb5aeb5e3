import { z } from 'zod';
import { parseDocument } from 'yaml';
import { line } from '../../../model/runbook/names.js';

const number = z.string().regex(/^[a-z][a-z0-9]*-\d{2,3}[a-z]?$/, 'a number is written as in g316-042');

/** How a feature is had otherwise than by a runbook. */
const otherwise = z.discriminatedUnion('how', [
  z.strictObject({ how: z.enum(['engine', 'later']), where: line(), because: line(500) }),
  z.strictObject({ how: z.literal('left-out'), because: line(500) }),
]);

const item = z.strictObject({
  id: number,
  /** In the source, from 1. */
  line: z.int().min(1).optional(),
  does: line(),
  /** What is wrong with it, by the keys of `corrections.yaml`. */
  corrected: z.array(z.union([z.int(), z.string()]).transform(String)).default([]),
  otherwise: otherwise.optional(),
});
export type Item = z.infer<typeof item>;

const part = z.strictObject({ part: line(), source: line().optional(), items: z.array(item).min(1) });

/** What a source demands, numbered in the order in which it comes; made apart from the runbooks that meet it. */
export const numbering = z
  .strictObject({
    numbering: z.string().regex(/^[a-z][a-z0-9]*$/),
    title: line(),
    about: line(500),
    /** Features may be had otherwise than by a runbook; commands and edits may not. */
    features: z.boolean().default(false),
    /** Every number must be met from now on. */
    complete: z.boolean(),
    parts: z.array(part).min(1),
  })
  .superRefine(({ parts, features }, context) => {
    const seen = new Set<string>();
    for (const { id, otherwise: other } of parts.flatMap(({ items }) => items)) {
      if (seen.has(id)) context.addIssue(`${id} is given twice`);
      if (other !== undefined && !features) context.addIssue(`${id} is no feature: a step must meet it`);
      seen.add(id);
    }
    for (const { part: name, items } of parts) outOfOrder(items).forEach((id) => context.addIssue(`${name}: ${id}`));
  });
export type Numbering = z.infer<typeof numbering>;

function outOfOrder(items: readonly Item[]): string[] {
  return items.flatMap(({ id, line: at = 0 }, index) => {
    const before = items[index - 1];
    if (before === undefined) return [];
    if (before.id >= id) return [`${id} comes after ${before.id}`];
    return (before.line ?? 0) > at ? [`the line of ${id} is before that of ${before.id}`] : [];
  });
}

const correction = z.strictObject({ wrong: line(500), instead: line(500) });

/** What is wrong in the sources, and how the runbooks reach the same end. */
export const corrections = z.strictObject({ corrections: z.record(z.string(), correction) });
export type Corrections = z.infer<typeof corrections>['corrections'];

/**
 * Reads one of the two.
 *
 * @throws Error that names the file and every mistake
 */
export function readAs<T>(schema: z.ZodType<T>, file: string, text: string): T {
  const document = parseDocument(text, { uniqueKeys: true, schema: 'core' });
  const syntax = document.errors.map(({ message }) => message);
  const parsed = schema.safeParse(syntax.length === 0 ? document.toJS() : undefined);
  if (syntax.length === 0 && parsed.success) return parsed.data;
  const said = parsed.error?.issues.map(({ path, message }) => [path.join('/'), message].filter(Boolean).join(': '));
  throw new Error([`${file}:`, ...(syntax.length > 0 ? syntax : (said ?? []))].join('\n  '));
}
