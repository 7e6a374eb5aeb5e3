import { isDeepStrictEqual } from 'node:util';
import { readPointer } from '../../model/transforms/json-text.js';
import type { Answer } from './exchange.js';
import type { ReadyExpectation } from './ready-request.js';

/** Why an answer is not as expected, without any of its body, which may hold secrets; undefined where it is. */
export function unexpected({ status, contains, json }: ReadyExpectation, answer: Answer): string | undefined {
  const right = status === 'success' ? answer.status >= 200 && answer.status < 300 : status.includes(answer.status);
  if (!right) return `status ${answer.status}, and not ${status === 'success' ? '200 to 299' : status.join(' or ')}`;
  const pointers = Object.entries(json);
  if (contains === undefined && pointers.length === 0) return undefined;
  if (!answer.whole) return `status ${answer.status}, but a body that is too long or broke off`;
  const text = answer.body.toString('utf8');
  if (contains !== undefined && !text.includes(contains)) return `status ${answer.status}, without the expected text`;
  const other = pointers.find(([pointer, value]) => !isDeepStrictEqual(valueAt(text, pointer), value));
  return other && `status ${answer.status}, with another value at ${other[0]}`;
}

function valueAt(text: string, pointer: string): unknown {
  try {
    return readPointer(text, pointer);
  } catch {
    return undefined;
  }
}
