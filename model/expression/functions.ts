import type { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { parseDuration } from '../duration.js';
import { parseSize } from '../size.js';
import { expressionLimits } from './limits.js';

/**
 * What an expression may call. Clocks, bytes and temporary names are left out: a plan must come out the same at any
 * time, and a short expression must not be able to make a long value.
 */
export const callable = {
  functions: ['size', 'string', 'int', 'double', 'bool', 'has', 'matches', 'inSeconds', 'inBytes'],
  methods: [
    'size',
    'startsWith',
    'endsWith',
    'contains',
    'indexOf',
    'lastIndexOf',
    'substring',
    'split',
    'join',
    'trim',
    'lowerAscii',
    'upperAscii',
    'all',
    'exists',
    'exists_one',
    'map',
    'filter',
  ],
  /** Those that walk over a list and give each element a name. */
  loops: ['all', 'exists', 'exists_one', 'map', 'filter'],
} as const;

/** Adds Belay's own functions: regular expressions that always end (RE2), durations, and sizes. */
export function addFunctions(environment: Environment): Environment {
  return environment
    .registerFunction('matches(string, string): bool', (text: string, pattern: string) => matches(text, pattern))
    .registerFunction('inSeconds(string): int', (text: string) =>
      whole(parseDuration(text), `"${text}" is no duration such as "30s"`),
    )
    .registerFunction('inBytes(string): int', (text: string) =>
      whole(parseSize(text), `"${text}" is no size such as "512MiB"`),
    );
}

/** True where the RE2 pattern is found in `text`. Throws where the pattern is none or either is too long. */
export function matches(text: string, pattern: string): boolean {
  if (pattern.length > expressionLimits.pattern)
    throw new Error(`a pattern may have ${expressionLimits.pattern} characters`);
  if (text.length > expressionLimits.subject)
    throw new Error(`a pattern is held against at most ${expressionLimits.subject} characters`);
  return RE2JS.compile(pattern).matcher(text).find();
}

function whole(value: number | undefined, problem: string): bigint {
  if (value === undefined) throw new Error(problem);
  return BigInt(Math.round(value));
}
