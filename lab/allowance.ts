import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Difference } from './difference.js';
import { LabError } from './error.js';

const allowance = z.strictObject({
  kind: z.enum(['file', 'process', 'port', 'entry']),
  /** Compared with the whole subject; `*` stands for any characters but `/`, `**` for any at all. */
  pattern: z.string().min(1),
  change: z.enum(['added', 'changed', 'removed']),
  /** Where given, nothing but content may have changed, and each line that differs matches one of these. */
  lines: z
    .array(z.string().regex(/^([+-]|order$)/, 'begins with + or -, or is the word order'))
    .min(1)
    .optional(),
  reason: z.string().min(10),
});

/** A difference that is held against nobody, and why. */
export type Allowance = z.output<typeof allowance>;

/** Differences with the allowed ones set apart. */
export interface Comparison {
  /** What differs and is not allowed. */
  readonly differences: readonly Difference[];
  readonly allowed: readonly { readonly allowance: Allowance; readonly matches: number }[];
  /** Allowances that matched nothing. */
  readonly unused: readonly Allowance[];
}

/** @throws LabError where the file is not a list of allowances */
export async function readAllowances(file: string): Promise<Allowance[]> {
  const read = z.array(allowance).safeParse(parse(await readFile(file, 'utf8')));
  if (!read.success) throw new LabError(`${file} is no list of allowed differences: ${z.prettifyError(read.error)}`);
  return read.data;
}

/** Sets apart what is allowed and counts what each allowance was needed for. */
export function setApart(found: readonly Difference[], allowances: readonly Allowance[]): Comparison {
  const counted = allowances.map((allowance) => ({
    allowance,
    matches: found.filter((difference) => allows(allowance, difference)).length,
  }));
  return {
    differences: found.filter((difference) => !allowances.some((allowance) => allows(allowance, difference))),
    allowed: counted.filter((each) => each.matches > 0),
    unused: counted.filter((each) => each.matches === 0).map((each) => each.allowance),
  };
}

function allows(allowance: Allowance, difference: Difference): boolean {
  if (allowance.kind !== difference.kind || allowance.change !== difference.change) return false;
  if (!matches(allowance.pattern, difference.subject)) return false;
  const patterns = allowance.lines;
  if (!patterns) return true;
  return difference.lines?.every((line) => patterns.some((pattern) => matches(pattern, line))) ?? false;
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split(/(\*\*?)/).map((part) => wildcards[part] ?? part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('')}$`, 's').test(text);
}

const wildcards: Readonly<Record<string, string>> = { '*': '[^/]*', '**': '.*' };
