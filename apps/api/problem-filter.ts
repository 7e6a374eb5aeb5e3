import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { databaseReachable, meansDatabaseAway } from '../../database/connect.js';
import {
  AmbiguousRun,
  IdempotencyConflict,
  LeaseHeld,
  NextSecretWaits,
  NoNextSecret,
  Refusal,
  UnknownGate,
  UnknownLivePlan,
  UnknownPlan,
  UnknownRun,
  UnknownTask,
  Unstorable,
  VerbIncomplete,
} from '../../database/refusals.js';
import { Problem, problemDocument, problems, type ProblemKind } from './problem.js';
import { Records } from './records.js';
import { isTemporalAway } from './workflows.js';

/** The one place that answers a refusal or a fault. Nothing of a driver's text, and no stack, leaves here. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger('api');

  constructor(private readonly records: Records) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = expected(error) ?? (await this.unexpected(error, request.id));
    if (reply.sent) return;
    await reply
      .status(problems[problem.kind][0])
      .headers(problem.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problemDocument(problem, request.id)));
  }

  private async unexpected(error: unknown, request: string): Promise<Problem> {
    this.#log.error(`request ${request}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    if (isTemporalAway(error)) return away('temporal/unreachable');
    if (meansDatabaseAway(error) || !(await databaseReachable(this.records.database)))
      return away('database/unreachable');
    return new Problem('server/fault', `the log of the API says more, under request ${request}`);
  }
}

function away(kind: 'temporal/unreachable' | 'database/unreachable'): Problem {
  return new Problem(kind, 'nothing was changed by this request as far as is known; ask again in a moment', [], {
    'retry-after': '2',
  });
}

/** What the database room refuses, in this door's words. The one table of it. */
const refusals: readonly (readonly [new (...parameters: never[]) => Refusal, ProblemKind])[] = [
  [UnknownRun, 'run/unknown'],
  [AmbiguousRun, 'run/ambiguous'],
  [UnknownPlan, 'plan/unknown'],
  [UnknownLivePlan, 'plan/live-unknown'],
  [UnknownTask, 'task/unknown'],
  [LeaseHeld, 'run/lease-held'],
  [IdempotencyConflict, 'request/key-reused'],
  [NextSecretWaits, 'secret/next-waits'],
  [NoNextSecret, 'secret/no-next'],
  [UnknownGate, 'request/invalid'],
  [VerbIncomplete, 'request/invalid'],
  [Unstorable, 'request/invalid'],
];

function expected(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  const kind = refusals.find(([refusal]) => error instanceof refusal)?.[1];
  return kind === undefined ? ofHttp(error) : new Problem(kind, (error as Refusal).message);
}

const kindOfStatus: Readonly<Record<number, ProblemKind>> = {
  400: 'request/invalid',
  404: 'request/no-such-route',
  405: 'request/no-such-method',
  413: 'request/too-large',
  414: 'request/too-large',
  415: 'request/media-type',
  431: 'request/too-large',
};

/** What Nest and Fastify refuse by themselves: an unknown route, a body that is not JSON. */
function ofHttp(error: unknown): Problem | undefined {
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number } | null)?.statusCode;
  const kind = status === undefined ? undefined : kindOfStatus[status];
  return kind === undefined ? undefined : new Problem(kind, error instanceof Error ? error.message : problems[kind][1]);
}
