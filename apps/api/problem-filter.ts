import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { databaseReachable } from '../../database/connect.js';
import { IdempotencyConflict, LeaseHeld, UnknownRun } from '../../database/refusals.js';
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
    if (!(await databaseReachable(this.records.database))) return away('database/unreachable');
    return new Problem('server/fault', `the log of the API says more, under request ${request}`);
  }
}

function away(kind: 'temporal/unreachable' | 'database/unreachable'): Problem {
  return new Problem(kind, 'nothing was changed by this request as far as is known; ask again in a moment', [], {
    'retry-after': '2',
  });
}

/** What the rooms below refuse, in this door's words. */
function expected(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof LeaseHeld) {
    return new Problem('run/lease-held', `${error.machine} is held by the run ${error.run}; wait for it, or see "belay run show ${error.run}"`);
  }
  if (error instanceof IdempotencyConflict) {
    return new Problem('request/key-reused', 'use a new Idempotency-Key for a new request');
  }
  if (error instanceof UnknownRun) return new Problem('run/unknown', error.message);
  return ofHttp(error);
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
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number } | null)?.statusCode;
  const kind = status === undefined ? undefined : kindOfStatus[status];
  return kind === undefined ? undefined : new Problem(kind, error instanceof Error ? error.message : problems[kind][1]);
}
