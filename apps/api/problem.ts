import type { Finding } from '../../model/finding.js';

/** A place in the request and what is wrong there (RFC 6901 pointer). */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** The stable kinds of refusals at this door, each with its status and title. The one list; see docs/api.md. */
export const problems = {
  'request/invalid': [400, 'The request is not as it should be'],
  'request/token': [401, 'A token is needed'],
  'request/no-such-route': [404, 'There is no such route'],
  'request/no-such-method': [405, 'That method is not for this route'],
  'request/too-large': [413, 'The request is too large'],
  'request/media-type': [415, 'The body must be JSON'],
  'request/range': [416, 'There are no such bytes'],
  'request/key-missing': [400, 'An Idempotency-Key is needed'],
  'request/key-reused': [422, 'The Idempotency-Key was used for another request'],
  'plan/unknown': [404, 'There is no such plan'],
  'plan/findings': [422, 'The runbook cannot be planned'],
  'plan/live-unknown': [404, 'There is no such live plan'],
  'run/unknown': [404, 'There is no such run'],
  'run/ambiguous': [409, 'Several runs begin like that'],
  'run/lease-held': [409, 'Another run holds a host, or is before it in line'],
  'run/verb-refused': [409, 'The run does not obey that now'],
  'task/unknown': [404, 'The run has no such task'],
  'secret/no-recipient': [503, 'The worker has not made its key yet'],
  'secret/next-waits': [409, 'Its next value waits'],
  'secret/no-next': [409, 'It has no next value'],
  'host/refused': [409, 'The host could not be asked'],
  'host/busy': [503, 'The worker did not answer in time'],
  'database/unreachable': [503, 'The database does not answer'],
  'temporal/unreachable': [503, 'Temporal does not answer'],
  'server/fault': [500, 'Something is wrong in Belay'],
} as const satisfies Record<string, readonly [status: number, title: string]>;
export type ProblemKind = keyof typeof problems;

/** A refusal on its way to the one place that answers it. */
export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly detail: string,
    readonly errors: readonly Fault[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
    readonly findings: readonly Finding[] = [],
  ) {
    super(`${kind}: ${detail}`);
    this.name = 'Problem';
  }
}

/** A problem as RFC 9457 writes it. */
export interface ProblemDocument {
  readonly type: string;
  readonly kind: ProblemKind;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly Fault[];
  /** With `plan/findings`: the same mistakes, as the compiler has them. */
  readonly findings?: readonly Finding[];
}

/** `requestId` is what the log line of the same request carries. */
export function problemDocument(problem: Problem, requestId: string): ProblemDocument {
  const [status, title] = problems[problem.kind];
  return {
    type: `urn:belay:problem:${problem.kind}`,
    kind: problem.kind,
    title,
    status,
    detail: problem.detail,
    requestId,
    ...(problem.errors.length > 0 && { errors: problem.errors }),
    ...(problem.findings.length > 0 && { findings: problem.findings }),
  };
}

/** The RFC 6901 pointer to a path of keys. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
