import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';
import { Token } from './token.js';

const open = 'belay:open';

/** Marks a route that needs no token. There are two: health and readiness. */
export const Open = (): MethodDecorator => SetMetadata(open, true);

/** Refuses every request without the token. Global, so that a route that nobody thought about is closed. */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(private readonly token: Token) {}

  canActivate(context: ExecutionContext): boolean {
    if (Reflect.getMetadata(open, context.getHandler()) === true) return true;
    const header = context.switchToHttp().getRequest<FastifyRequest>().headers.authorization ?? '';
    const shown = /^Bearer +(\S+)$/i.exec(header)?.[1];
    if (shown !== undefined && this.token.matches(shown)) return true;
    throw new Problem('request/token', 'send "Authorization: Bearer" with the token of <data>/api-token', [], {
      'www-authenticate': 'Bearer realm="belay"',
    });
  }
}
