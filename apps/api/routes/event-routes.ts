import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readEvents } from '../../../database/events.js';
import { findRun } from '../../../database/runs.js';
import { eventsAnswer } from '../../../model/answers.js';
import { eventsQuery, runPath, type EventsQuery } from '../bodies.js';
import { Describes } from '../describes.js';
import { EventFeed } from '../event-feed.js';
import { Problem } from '../problem.js';
import { Records } from '../records.js';
import { streamEvents } from '../stream-events.js';

@Controller('v1/runs/:run')
export class EventRoutes {
  constructor(
    private readonly records: Records,
    private readonly feed: EventFeed,
  ) {}

  @Get('events')
  @Describes({
    summary: 'What happened to a run: a page of it, or with Accept: text/event-stream all of it as it happens',
    answers: { 200: eventsAnswer },
    headers: { Accept: 'text/event-stream for a stream', 'Last-Event-ID': 'The number of the last event seen' },
  })
  async follow(
    @Param({ schema: runPath }) { run: prefix }: { run: string },
    @Query({ schema: eventsQuery }) { after, limit }: EventsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await findRun(this.records.database, prefix);
    if (request.headers.accept?.includes('text/event-stream') !== true) {
      await reply.send({ events: await readEvents(this.records.database, run, after, limit) });
      return;
    }
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    const events = streamEvents(this.records, this.feed, run, lastSeen(request) ?? after, gone.signal);
    await reply.header('cache-control', 'no-store').type('text/event-stream').send(Readable.from(events));
  }
}

function lastSeen(request: FastifyRequest): number | undefined {
  const id = request.headers['last-event-id'];
  if (id === undefined || id === '') return undefined;
  if (typeof id === 'string' && /^\d{1,15}$/.test(id)) return Number(id);
  throw new Problem('request/invalid', 'Last-Event-ID must be the number of an event');
}
