import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Difference } from './difference.js';
import { LabError } from './error.js';

const allowance = z.strictObject({
  kind: z.enum(['file', 'process', 'port']),
  /** Compared with the whole subject; `*` stands for any characters but `/`. */
  pattern: z.string().min(1),
  change: z.enum(['added', 'changed', 'removed']),
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
  const counted = allowances.map((each) => ({
    allowance: each,
    matches: found.filter((difference) => allows(each, difference)).length,
  }));
  return {
    differences: found.filter((difference) => !allowances.some((each) => allows(each, difference))),
    allowed: counted.filter((each) => each.matches > 0),
    unused: counted.filter((each) => each.matches === 0).map((each) => each.allowance),
  };
}

function allows(allowance: Allowance, difference: Difference): boolean {
  if (allowance.kind !== difference.kind || allowance.change !== difference.change) return false;
  const escaped = allowance.pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('[^/]*')}$`, 's').test(difference.subject);
}
