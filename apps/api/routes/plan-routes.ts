import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { readPlan } from '../../../database/plans.js';
import { livePlanBegun, planAnswer, type LivePlanBegun, type PlanAnswer } from '../../../model/answers.js';
import { showPlan } from '../../../model/show-plan/show-plan.js';
import { planBody, planPath, type PlanBody } from '../bodies.js';
import { Describes } from '../describes.js';
import { By } from '../identity.js';
import { beginLivePlan } from '../live-plans.js';
import { makePlan } from '../make-plan.js';
import { Recipient } from '../recipient.js';
import { Records } from '../records.js';
import { sha256 } from '../sha256.js';
import { Workflows } from '../workflows.js';

@Controller('v1/plans')
export class PlanRoutes {
  constructor(
    private readonly records: Records,
    private readonly workflows: Workflows,
    private readonly recipient: Recipient,
  ) {}

  @Post()
  @Describes({ summary: 'Compile a runbook, its inputs and its hosts into a plan', answers: { 201: planAnswer } })
  async make(
    @Body({ schema: planBody }) body: PlanBody,
    @By() by: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanAnswer> {
    const made = await makePlan(this.records, this.recipient, body, by);
    reply.header('location', `/v1/plans/${made.hash}`);
    return made;
  }

  @Post(':hash/live')
  @HttpCode(202)
  @Describes({
    summary: 'Begin a live plan: what the plan would do on its hosts now. Nothing is done',
    answers: { 202: livePlanBegun },
  })
  async look(
    @Param({ schema: planPath }) { hash }: { hash: string },
    @By() by: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LivePlanBegun> {
    const live = await beginLivePlan(this.records, this.workflows, hash, by);
    reply.header('location', `/v1/live-plans/${live}`);
    return { live };
  }

  @Get(':hash')
  @Describes({ summary: 'A plan, as it was compiled and as it is read', answers: { 200: planAnswer } })
  async show(@Param({ schema: planPath }) { hash }: { hash: string }): Promise<PlanAnswer> {
    const plan = await readPlan(this.records.database, hash);
    return { hash, plan, shown: showPlan(plan, hash, sha256) };
  }
}
