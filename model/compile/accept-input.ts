import { RE2JS } from 're2js';
import { z } from 'zod';
import { didYouMean } from '../did-you-mean.js';
import { parseDuration } from '../duration.js';
import type { Parameter } from '../runbook/parameter.js';
import { parseSize } from '../size.js';
import type { Value } from '../value.js';

/** What a parameter makes of an entered value: the typed value, or what is wrong with it. */
export type Accepted = { readonly value: Value } | { readonly problem: string; readonly advice: string };

const host =
  /^(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const address = z.union([z.ipv4(), z.ipv6()]);

/** Takes a value for a parameter, as JSON or as the text that a command line gives. */
export function acceptInput(parameter: Parameter, entered: unknown): Accepted {
  switch (parameter.type) {
    case 'text':
      return acceptText(parameter, entered);
    case 'integer':
      return acceptInteger(entered, parameter.min ?? Number.MIN_SAFE_INTEGER, parameter.max ?? Number.MAX_SAFE_INTEGER);
    case 'port':
      return acceptInteger(entered, 1, 65_535);
    case 'boolean':
      return acceptBoolean(entered);
    case 'choice':
      return parameter.choices.includes(entered as string)
        ? { value: entered as string }
        : refuse(
            `it must be one of ${parameter.choices.join(', ')}`,
            typeof entered === 'string' ? didYouMean(entered, parameter.choices) : '',
          );
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

function acceptText({ pattern }: Extract<Parameter, { type: 'text' }>, entered: unknown): Accepted {
  if (typeof entered !== 'string') return refuse('it must be text', '');
  if (entered.length > 65_536 || /[\0\p{Surrogate}]/u.test(entered))
    return refuse('it must be at most 65536 characters, without NUL', '');
  if (pattern === undefined || RE2JS.matches(pattern, entered)) return { value: entered };
  return refuse(`it does not match ${pattern}`, '');
}

function acceptInteger(entered: unknown, min: number, max: number): Accepted {
  const value = typeof entered === 'string' && /^-?\d{1,16}$/.test(entered) ? Number(entered) : entered;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return refuse('it must be a whole number', '');
  if (value >= min && value <= max) return { value };
  return refuse(`it must be ${range(min, max)}`, '');
}

function range(min: number, max: number): string {
  if (max === Number.MAX_SAFE_INTEGER) return `at least ${min}`;
  return min === Number.MIN_SAFE_INTEGER ? `at most ${max}` : `from ${min} to ${max}`;
}

function acceptBoolean(entered: unknown): Accepted {
  if (entered === true || entered === 'true') return { value: true };
  return entered === false || entered === 'false' ? { value: false } : refuse('it must be true or false', '');
}

function acceptWritten(entered: unknown, fits: (text: string) => boolean, what: string): Accepted {
  return typeof entered === 'string' && fits(entered) ? { value: entered } : refuse(`it must be ${what}`, '');
}

function refuse(problem: string, advice: string): Accepted {
  return { problem, advice };
}
