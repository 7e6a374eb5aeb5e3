import { RE2JS } from 're2js';
import { z } from 'zod';
import { parseDuration } from '../duration.js';
import { didYouMean } from '../did-you-mean.js';
import { parseSize } from '../size.js';
import type { Value } from '../value.js';
import { acceptList, acceptMap } from './accept-many.js';
import { valueLimits, type ScalarType, type ValueType } from './value-type.js';

/** What is wrong with a value, and where in it: keys and positions that lead there. */
export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly problem: string;
  readonly advice: string;
}

/** What a type makes of a value: the typed value, or what is wrong with it. */
export type Accepted = { readonly value: Value } | { readonly mistakes: readonly Mistake[] };

/**
 * Where a value comes from. `input`: lists and maps may be JSON text, as a command line gives them, and unknown
 * fields are mistakes. `output`: programs say more than was asked for, so unknown fields are left out.
 */
export type Origin = 'input' | 'output';

/** Takes a value for a type. Numbers and truth values may be written as text. */
export function accept(type: ValueType, entered: unknown, origin: Origin = 'input'): Accepted {
  const accepted =
    type.type === 'list'
      ? acceptList(type, entered, origin)
      : type.type === 'map'
        ? acceptMap(type, entered, origin)
        : acceptScalar(type, entered);
  if ('value' in accepted && JSON.stringify(accepted.value).length > valueLimits.length + 2)
    return refuse('it is larger than 64 KiB', '');
  return accepted;
}

const host =
  /^(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const address = z.union([z.ipv4(), z.ipv6()]);

function acceptScalar(type: ScalarType, entered: unknown): Accepted {
  switch (type.type) {
    case 'text':
      return acceptText(type, entered);
    case 'integer':
      return acceptInteger(entered, type.min ?? Number.MIN_SAFE_INTEGER, type.max ?? Number.MAX_SAFE_INTEGER);
    case 'number':
      return acceptNumber(entered, type.min ?? -Number.MAX_VALUE, type.max ?? Number.MAX_VALUE);
    case 'port':
      return acceptInteger(entered, 1, 65_535);
    case 'boolean':
      return acceptBoolean(entered);
    case 'choice':
      return acceptChoice(type.choices, entered);
    case 'fqdn':
      return acceptWritten(
        entered,
        (text) => host.test(text),
        'a host name with its domain, such as cache.example.org',
      );
    case 'address':
      return acceptWritten(entered, (text) => address.safeParse(text).success, 'an IPv4 or IPv6 address');
    case 'duration':
      return acceptWritten(
        entered,
        (text) => parseDuration(text) !== undefined,
        'a length of time with its unit, such as 30s or 1h30m',
      );
    case 'size':
      return acceptWritten(entered, (text) => parseSize(text) !== undefined, 'an amount with its unit, such as 512MiB');
  }
}

function acceptText({ pattern }: Extract<ScalarType, { type: 'text' }>, entered: unknown): Accepted {
  if (typeof entered !== 'string') return refuse('it must be text', '');
  if (entered.length > valueLimits.length || /[\0\p{Surrogate}]/u.test(entered))
    return refuse('it must be at most 65536 characters, without NUL', '');
  if (pattern === undefined || RE2JS.matches(pattern, entered)) return { value: entered };
  return refuse(`it does not match ${pattern}`, '');
}

function acceptInteger(entered: unknown, min: number, max: number): Accepted {
  const value = typeof entered === 'string' && /^-?\d{1,16}$/.test(entered) ? Number(entered) : entered;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return refuse('it must be a whole number', '');
  return within(value, min, max);
}

function acceptNumber(entered: unknown, min: number, max: number): Accepted {
  const written = typeof entered === 'string' && /^-?\d{1,16}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/.test(entered);
  const value = written ? Number(entered) : entered;
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse('it must be a number', '');
  return within(value, min, max);
}

function within(value: number, min: number, max: number): Accepted {
  return value >= min && value <= max ? { value } : refuse(`it must be ${range(min, max)}`, '');
}

function range(min: number, max: number): string {
  if (max >= Number.MAX_SAFE_INTEGER) return `at least ${min}`;
  return min <= Number.MIN_SAFE_INTEGER ? `at most ${max}` : `from ${min} to ${max}`;
}

function acceptBoolean(entered: unknown): Accepted {
  if (entered === true || entered === 'true') return { value: true };
  return entered === false || entered === 'false' ? { value: false } : refuse('it must be true or false', '');
}

function acceptChoice(choices: readonly string[], entered: unknown): Accepted {
  if (choices.includes(entered as string)) return { value: entered as string };
  const advice = typeof entered === 'string' ? didYouMean(entered, choices) : '';
  return refuse(`it must be one of ${choices.join(', ')}`, advice);
}

function acceptWritten(entered: unknown, fits: (text: string) => boolean, what: string): Accepted {
  return typeof entered === 'string' && fits(entered) ? { value: entered } : refuse(`it must be ${what}`, '');
}

/** A value that cannot be taken, as a whole. */
export function refuse(problem: string, advice: string): Accepted {
  return { mistakes: [{ path: [], problem, advice }] };
}
