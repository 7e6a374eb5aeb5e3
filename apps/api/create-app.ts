import { randomUUID } from 'node:crypto';
import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, type Opened } from './app.module.js';

/** Bytes of a request: a plan comes with all files that lie beside its runbook, in base64. */
const bodyLimit = 32 * 1024 * 1024;

/** Builds the API without opening a port. It trusts no proxy and answers no other origin. */
export async function createApp(opened: Opened): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit,
    connectionTimeout: 0,
    requestTimeout: 60_000,
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(opened), adapter, {
    logger: new ConsoleLogger({ logLevels: ['error', 'warn'], colors: false, prefix: 'belay-api' }),
    abortOnError: false,
    // Nest would add a parser of forms; Fastify's own one of JSON, which refuses __proto__, is all that is wanted.
    bodyParser: false,
  });
  adapter.getInstance().removeContentTypeParser('text/plain');
  return app;
}
