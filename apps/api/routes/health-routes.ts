import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { databaseReachable } from '../../../database/connect.js';
import { Describes } from '../describes.js';
import { Problem } from '../problem.js';
import { Records } from '../records.js';
import { Open } from '../token-guard.js';
import { Workflows } from '../workflows.js';

const fine = z.strictObject({ status: z.literal('ok') });

/** The only routes that need no token; they tell nothing but whether to send requests here. */
@Controller()
export class HealthRoutes {
  constructor(
    private readonly records: Records,
    private readonly workflows: Workflows,
  ) {}

  @Get('healthz')
  @Open()
  @Describes({ summary: 'The process answers', answers: { 200: fine } })
  healthy(): z.infer<typeof fine> {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Open()
  @Describes({ summary: 'Postgres and Temporal answer, too', answers: { 200: fine } })
  async ready(): Promise<z.infer<typeof fine>> {
    const [database, temporal] = await Promise.all([
      databaseReachable(this.records.database),
      this.workflows.reachable(),
    ]);
    if (!database)
      throw new Problem('database/unreachable', 'the database does not answer', [], { 'retry-after': '2' });
    if (!temporal) throw new Problem('temporal/unreachable', 'Temporal does not answer', [], { 'retry-after': '2' });
    return { status: 'ok' };
  }
}
