import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findRun } from '../../../database/runs.js';
import { outputQuery, taskPath, type OutputQuery } from '../bodies.js';
import { Describes } from '../describes.js';
import { nameOutput } from '../name-output.js';
import { rangeOf } from '../read-output.js';
import { Records } from '../records.js';

@Controller('v1/runs/:run/tasks/:step/:host')
export class OutputRoutes {
  constructor(private readonly records: Records) {}

  @Get('output')
  @Describes({
    summary: 'What a task wrote, byte for byte; a Range may go on where an earlier answer ended',
    answers: { 200: 'application/octet-stream', 206: 'application/octet-stream' },
    headers: { Range: 'One range of bytes, such as bytes=500-' },
  })
  async read(
    @Param({ schema: taskPath }) path: { run: string; step: string; host: string },
    @Query({ schema: outputQuery }) query: OutputQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await findRun(this.records.database, path.run);
    const name = await nameOutput(this.records, { ...path, run }, query);
    const range = await rangeOf(this.records, name, request.headers.range);
    const partial = request.headers.range !== undefined;
    if (partial) reply.header('content-range', `bytes ${range.from}-${range.end - 1}/${range.total - range.dropped}`);
    await reply
      .status(partial ? 206 : 200)
      .headers({
        'accept-ranges': 'bytes',
        'content-length': range.end - range.from,
        'belay-attempt': name.attempt,
        'belay-dropped-bytes': range.dropped,
        'x-content-type-options': 'nosniff',
      })
      .type('application/octet-stream')
      .send(Readable.from(range.bytes()));
  }
}
