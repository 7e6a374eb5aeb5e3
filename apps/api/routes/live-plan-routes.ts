import { Controller, Get, Param } from '@nestjs/common';
import { livePlanAnswer, type LivePlanAnswer } from '../../../model/answers.js';
import { livePath } from '../bodies.js';
import { Describes } from '../describes.js';
import { readLivePlan } from '../live-plans.js';
import { Records } from '../records.js';
import { Workflows } from '../workflows.js';

@Controller('v1/live-plans')
export class LivePlanRoutes {
  constructor(
    private readonly records: Records,
    private readonly workflows: Workflows,
  ) {}

  @Get(':live')
  @Describes({ summary: 'A live plan, as far as hosts have been asked', answers: { 200: livePlanAnswer } })
  async show(@Param({ schema: livePath }) { live }: { live: string }): Promise<LivePlanAnswer> {
    return readLivePlan(this.records, this.workflows, live);
  }
}
