import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

/**
 * Who says it: the operating-system user that the CLI sends as `Belay-User`. It is recorded as not authenticated,
 * because whoever holds the token can write any name there.
 */
export const By = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const name = context.switchToHttp().getRequest<FastifyRequest>().headers['belay-user'];
  if (name === undefined) return 'somebody (not authenticated)';
  if (typeof name !== 'string' || !/^[\w.@\\-]{1,64}$/.test(name)) {
    throw new Problem('request/invalid', 'Belay-User must be a user name of at most 64 letters, digits and . _ @ \\ -');
  }
  return `${name} (not authenticated)`;
});

/** The caller's name for this request, by which a repeated one is known. Required where it is asked for. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const key = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
  if (typeof key === 'string' && /^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw new Problem('request/key-missing', 'send an Idempotency-Key of 1 to 128 visible ASCII characters');
});
