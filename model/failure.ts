/** The stable names of everything that can go wrong; documented in `docs/failures.md`. */
export const failureKinds = [
  'host/unreachable',
  'host/key-unknown',
  'host/key-changed',
  'host/login-refused',
  'host/no-shell',
  'host/sudo-refused',
  'host/overheard',
  'host/journal-lost',
  'host/rebooted',
  'host/stale-holder',
  'host/disk-full',
  'host/unsuitable',
  'step/check-failed',
  'step/capture-failed',
  'step/transform-failed',
  'step/refused',
  'step/exit',
  'step/verify-failed',
  'step/assert-failed',
  'step/timed-out',
  'step/cancelled',
  'step/outcome-unknown',
  'step/value-unusable',
  'step/output-unreadable',
  'undo/changed-since',
  'undo/not-restored',
  'undo/impossible',
  'undo/with-another',
  'ldap/unreachable',
  'ldap/untrusted',
  'ldap/login-refused',
  'ldap/no-entry',
  'ldap/changed-since',
  'ldap/refused',
  'ldap/not-seen',
  'http/unreachable',
  'http/untrusted',
  'http/unexpected',
  'sql/unreachable',
  'sql/untrusted',
  'sql/login-refused',
  'sql/refused',
  'sql/unexpected',
  'secret/missing',
  'run/not-authorised',
  'run/lost',
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** A failure as data, for the person who reads it at 3 a.m. */
export interface Failure {
  readonly kind: FailureKind;
  /** What was tried, on which host. */
  readonly tried: string;
  /** What is known of the state now. */
  readonly known: string;
  /** What to do next. */
  readonly next: string;
  /** What the runbook's author advises for this known error. */
  readonly hints?: readonly string[];
}

/** A failure on its way up to whoever decides; never crosses a process boundary as an exception. */
export class Failed extends Error {
  constructor(
    readonly failure: Failure,
    options?: { cause?: unknown },
  ) {
    super(`${failure.kind}: ${failure.tried}: ${failure.known}`, options);
    this.name = 'Failed';
  }
}
