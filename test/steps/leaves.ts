import { z } from 'zod';
import type { Operation } from '../../model/operation.js';
import { Unusable } from '../../model/steps/kind.js';
import { whole } from '../chaos/chance.js';
import { classes, nastyValues } from '../ssh/nasty-values.js';
import { compileStep, readCases, type StepKeys } from './cases.js';

type Path = readonly (string | number)[];

/** Every text in a step, by where it stands. */
function leavesOf(value: unknown, at: Path = []): Path[] {
  if (typeof value === 'string') return [at];
  if (Array.isArray(value)) return value.flatMap((one, index) => leavesOf(one, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...at, name]));
}

/** The step with another text there. */
function withLeaf(step: StepKeys, path: Path, text: string): StepKeys {
  const [first, ...rest] = path;
  if (first === undefined) throw new Error('a step is no text');
  const copy = structuredClone(step) as Record<string, unknown>;
  let inner: Record<string | number, unknown> = copy;
  let key = first;
  for (const next of rest) {
    inner = inner[key] as Record<string | number, unknown>;
    key = next;
  }
  inner[key] = text;
  return copy;
}

interface Case {
  readonly step: StepKeys;
  readonly wrong?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** One input of one kind, in a step that is right otherwise. */
export interface Input {
  readonly kind: string;
  readonly path: Path;
  readonly calm: Operation;
  /** The step with another value there, as it stands in a runbook. */
  written(value: string): StepKeys;
  /** The operation with another value there; undefined where the kind refuses the value. */
  with(value: string): Operation | undefined;
}

/** Every text input of every kind, once each, from the data cases that compile. */
export function everyInput(): Input[] {
  return readCases<Case>('compile').flatMap(({ kind, cases }) => {
    const seen = new Set<string>();
    return cases
      .filter((one) => one.wrong === undefined)
      .flatMap(({ step, files }) =>
        leavesOf(step)
          .filter((path) => !seen.has(path.join('.')) && seen.add(path.join('.')))
          .map((path) => ({
            ...{ kind, path, calm: compileStep(step, files) },
            written: (value: string) => withLeaf(step, path, value),
            with: (value: string) => unlessRefused(() => compileStep(withLeaf(step, path, value), files)),
          })),
      );
  });
}

/** What a step compiles to; undefined where its kind refuses what it is given. */
export function unlessRefused(compile: () => Operation): Operation | undefined {
  try {
    return compile();
  } catch (error) {
    if (error instanceof Unusable || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Fifty values and more. */
export function nastyTexts(canary: string): string[] {
  // What looks like an expression becomes one, by design of the language.
  const short = Object.values(classes(canary)).filter((value) => value.length < 3000 && !value.includes('${{'));
  return [
    ...short,
    ...nastyValues(3, 70, canary)
      .filter((value) => !value.includes('${{'))
      .slice(-10),
  ];
}

/** How many of them a real host is given for each input; few where not everything is asked for. */
export const mostNasty = whole ? 50 : 12;

/** Those values as they are, as the name of a file, and as the end of a word. */
export function nastyInputs(canary: string): string[] {
  return nastyTexts(canary).flatMap((value) => [value, `/srv/nasty/${value}`, `nasty${value}`]);
}
