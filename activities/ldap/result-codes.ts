import { ResultCodeError } from 'ldapts';
import type { Failed } from '../../model/failure.js';
import { failed, type Target } from './target.js';

/** Result codes of RFC 4511, A.1, and RFC 4528, that are decided upon here. */
const noSuchAttribute = 16;
const valueExists = 20;
const noSuchObject = 32;
const assertionFailed = 122;
const conflicts = [noSuchAttribute, valueExists, noSuchObject, assertionFailed];
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
export function sentOf(error: unknown): Sent {
  if (!(error instanceof ResultCodeError)) return { how: 'lost' };
  if (conflicts.includes(error.code)) return { how: 'conflict' };
  return undecided.includes(error.code) ? { how: 'lost' } : { how: 'refused', code: error.code };
}

/** Whether the entry is not there; anything else is thrown on. */
export function isNoEntry(error: unknown): boolean {
  return error instanceof ResultCodeError && error.code === noSuchObject;
}

/** A login or a reading that did not come about, as a failure. */
export function failureOfLooking(target: Target, error: unknown, untrusted: string | undefined): Failed {
  const tried = `to read ${target.attribute} of ${target.entry} at ${target.url}`;
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
