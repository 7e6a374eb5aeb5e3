// cspell:ignore bufbuild testdata
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { canonicalText } from '../../model/compile/hash.js';
import { tryEvaluate } from '../../model/expression/evaluate.js';
import { callable } from '../../model/expression/functions.js';
import type { Value } from '../../model/value.js';

/** A value as the specification's cases write it: one key that says the type. */
type Written = Readonly<Record<string, unknown>>;

interface Original {
  readonly name?: string;
  readonly expr: string;
  readonly value?: Written;
  readonly evalError?: unknown;
  readonly bindings?: unknown;
  readonly container?: string;
  readonly typedResult?: unknown;
  readonly unknown?: unknown;
  readonly checkOnly?: boolean;
}

interface Suite {
  readonly name: string;
  readonly tests?: readonly { readonly original: Original }[];
  readonly suites?: readonly Suite[];
}

export interface Case {
  /** Its place in the specification, such as `lists/index/zero_based_int`. */
  readonly place: string;
  readonly expression: string;
  /** Absent where it must have no value. */
  readonly value?: Value | undefined;
  readonly fails: boolean;
}

/** The parts of the specification that authors of runbooks use. */
const parts = ['basic', 'comparisons', 'conversions', 'fields', 'fp_math', 'integer_math', 'lists', 'logic', 'macros'];
const more = ['parse', 'plumbing', 'string', 'string_ext'];

/** Every case of the features that Belay offers; all others name something that its expressions do not have. */
export function conformanceCases(): Case[] {
  const root = tests as unknown as Suite;
  const suites = (root.suites ?? []).filter(({ name }) => [...parts, ...more].includes(name));
  return suites.flatMap((suite) => casesOf(suite, suite.name));
}

function casesOf({ tests: own = [], suites = [] }: Suite, place: string): Case[] {
  return [
    ...own.flatMap(({ original }, index) => caseOf(original, `${place}/${original.name ?? index}`)),
    ...suites.flatMap((suite) => casesOf(suite, `${place}/${suite.name}`)),
  ];
}

function caseOf(original: Original, place: string): Case[] {
  const { expr: expression, value, evalError } = original;
  if (isOutside(original)) return [];
  const read = value === undefined ? undefined : plain(value);
  return [{ place, expression, value: read, fails: evalError !== undefined }];
}

/** What Belay has not: names of the case's own, unsigned numbers, bytes, types as values, times, messages. */
function isOutside({
  expr,
  value,
  evalError,
  bindings,
  container,
  typedResult,
  unknown,
  checkOnly,
}: Original): boolean {
  if ([bindings, container, typedResult, unknown, checkOnly].some((own) => own !== undefined)) return true;
  if (value === undefined && evalError === undefined) return true;
  const bare = expr.replace(/"""[^]*?"""|'''[^]*?'''|r?"(?:[^"\\]|\\.)*"|r?'(?:[^'\\]|\\.)*'/g, (text, at: number) =>
    /[bB]$/.test(expr.slice(0, at)) ? '""' : ' "" ',
  );
  if (/\d[uU]\b|\b[bBrR]{1,2}""|\b(?:uint|bytes|type|timestamp|duration|dyn|google|TestAllTypes)\b/.test(bare))
    return true;
  if (value !== undefined && /"(?:uint64|bytes|type|object|enum)Value"/.test(JSON.stringify(value))) return true;
  const called = [...bare.matchAll(/([A-Za-z_][A-Za-z0-9_]*)\s*\(/g)].map((match) => match[1] ?? '');
  const offered: readonly string[] = [...callable.functions, ...callable.methods];
  if (called.some((name) => !offered.includes(name) && name !== 'in')) return true;
  return called.includes('matches') && /\.\s*matches/.test(bare);
}

/** The plain value of what a case expects; undefined where plain values have none. */
function plain(written: Written): Value | undefined {
  const [[type, value] = []] = Object.entries(written);
  if (type === 'int64Value') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  if (type === 'doubleValue') return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  if (type === 'stringValue' || type === 'boolValue') return value as Value;
  if (type === 'nullValue') return null;
  if (type === 'listValue') {
    const items = ((value as { values?: readonly Written[] }).values ?? []).map(plain);
    return items.some((item) => item === undefined) ? undefined : (items as Value[]);
  }
  if (type !== 'mapValue') return undefined;
  const entries = (value as { entries?: readonly { key: Written; value: Written }[] }).entries ?? [];
  const pairs = entries.map((entry) => [plain(entry.key), plain(entry.value)] as const);
  return pairs.some(([key, item]) => typeof key !== 'string' || item === undefined)
    ? undefined
    : Object.fromEntries(pairs as [string, Value][]);
}

/** What an author sees: the value, or why there is none. */
export function seen({ expression }: Case): { readonly value: Value } | { readonly why: string } {
  return tryEvaluate(expression, {});
}

/** Whether Belay's evaluator does with a case what the specification says. */
export function conforms(one: Case): boolean {
  const outcome = seen(one);
  if (one.fails || one.value === undefined) return one.fails && 'why' in outcome;
  return 'value' in outcome && canonicalText(outcome.value) === canonicalText(one.value);
}
