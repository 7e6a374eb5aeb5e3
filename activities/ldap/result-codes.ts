import { ResultCodeError } from 'ldapts';
import type { Failed } from '../../model/failure.js';
import type { Request } from './request.js';
import { failed, type Target } from './target.js';

/** Result codes of RFC 4511, A.1, and RFC 4528, that are decided upon here. */
const unavailableCriticalExtension = 12;
const noSuchAttribute = 16;
const inappropriateMatching = 18;
const valueExists = 20;
const noSuchObject = 32;
const entryExists = 68;
const other = 80;
const assertionFailed = 122;
/** By request: what was asserted is no longer so. */
const conflicts: Readonly<Record<Request['how'], readonly number[]>> = {
  add: [entryExists],
  delete: [noSuchObject, assertionFailed],
  modify: [noSuchAttribute, valueExists, noSuchObject, assertionFailed],
};
/** The names of RFC 4511, of what people meet. */
const names: Readonly<Record<number, string>> = {
  17: 'undefinedAttributeType',
  18: 'inappropriateMatching',
  19: 'constraintViolation',
  21: 'invalidAttributeSyntax',
  32: 'noSuchObject: the entry above it is not there',
  50: 'insufficientAccessRights',
  53: 'unwillingToPerform',
  64: 'namingViolation',
  65: 'objectClassViolation',
  66: 'notAllowedOnNonLeaf: there are entries below it',
  67: 'notAllowedOnRDN',
  69: 'objectClassModsProhibited',
  80: 'other: so slapd answers for definitions that it does not take',
};
/** The server gave up in the midst of something: it may have been done. operationsError, timeLimitExceeded, adminLimitExceeded, busy, unavailable, other. */
const undecided = [1, 3, 11, 51, 52, 80];
const wrongLogin = [7, 8, 13, 48, 49];
const notNow = [3, 11, 51, 52];

/** What a request to change something came to, as far as its answer says. */
export type Sent =
  | { readonly how: 'accepted' }
  /** What was there is no longer what was asserted; nothing was done. */
  | { readonly how: 'conflict' }
  /** Nothing was done, and asking again will not help. */
  | { readonly how: 'refused'; readonly code: number }
  /** No answer, or one that does not say whether it was done. */
  | { readonly how: 'lost' };

/** Judges by the code alone; texts of servers are for people, and may hold values. */
export function sentOf(error: unknown, request: Request): Sent {
  if (!(error instanceof ResultCodeError)) return { how: 'lost' };
  if (conflicts[request.how].includes(error.code)) return { how: 'conflict' };
  if (request.how === 'modify' && request.definitions && error.code === other) return { how: 'refused', code: other };
  return undecided.includes(error.code) ? { how: 'lost' } : { how: 'refused', code: error.code };
}

/** A result code for people: its number, and its name where they are likely to meet it. */
export function named(code: number): string {
  const name = names[code];
  return `result code ${code}${name === undefined ? '' : `, ${name}`}`;
}

/** Whether a value could not be deleted because its attribute has no rule of equality. */
export function isWithoutRule(sent: Sent): boolean {
  return sent.how === 'refused' && sent.code === inappropriateMatching;
}

/** Whether nothing was done because an assertion could not be made there. */
export function isWithoutControl(sent: Sent): boolean {
  return sent.how === 'refused' && sent.code === unavailableCriticalExtension;
}

/** What it means that two values were not compared; an error that has no answer in it is thrown on. */
export function notCompared(error: unknown): false | undefined {
  if (!(error instanceof ResultCodeError)) throw error;
  return error.code === noSuchAttribute || error.code === noSuchObject ? false : undefined;
}

/** Whether the entry is not there; anything else is thrown on. */
export function isNoEntry(error: unknown): boolean {
  return error instanceof ResultCodeError && error.code === noSuchObject;
}

/** A login or a reading that did not come about, as a failure. */
export function failureOfLooking(target: Target, error: unknown, untrusted: string | undefined): Failed {
  const tried = `to read ${target.entry} at ${target.url}`;
  if (untrusted !== undefined) {
    return failed(
      'ldap/untrusted',
      tried,
      `the server's certificate is not trusted (${untrusted}); no login was sent`,
      'give the authority that signed it, and the name it was issued for',
      error,
    );
  }
  if (!(error instanceof ResultCodeError)) {
    return failed(
      'ldap/unreachable',
      tried,
      `no answer (${codeOf(error)})`,
      'see that the directory runs and can be reached, then retry',
      error,
    );
  }
  if (wrongLogin.includes(error.code)) {
    return failed(
      'ldap/login-refused',
      tried,
      `the login as ${target.dn} was refused (result code ${error.code})`,
      'correct the login in the secret store, and plan again',
      error,
    );
  }
  if (notNow.includes(error.code)) {
    return failed(
      'ldap/unreachable',
      tried,
      `the server cannot answer now (result code ${error.code})`,
      'retry when it can',
      error,
    );
  }
  return failed(
    'ldap/refused',
    tried,
    `the server refused (result code ${error.code})`,
    "look up the code in RFC 4511 and the server's log",
    error,
  );
}

/** `ECONNREFUSED` and the like; the library's own errors have no code. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'connection lost or time-out';
}
