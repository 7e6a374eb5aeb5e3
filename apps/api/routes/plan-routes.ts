import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { readPlan } from '../../../database/plans.js';
import { planAnswer, type PlanAnswer } from '../../../model/answers.js';
import { showPlan } from '../../../model/show-plan/show-plan.js';
import { planBody, planPath, type PlanBody } from '../bodies.js';
import { Describes } from '../describes.js';
import { makePlan } from '../make-plan.js';
import { Records } from '../records.js';
import { sha256 } from '../sha256.js';

@Controller('v1/plans')
export class PlanRoutes {
  constructor(private readonly records: Records) {}

  @Post()
  @Describes({ summary: 'Compile a runbook, its inputs and its hosts into a plan', answers: { 201: planAnswer } })
  async make(
    @Body({ schema: planBody }) body: PlanBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlanAnswer> {
    const made = await makePlan(this.records, body);
    reply.header('location', `/v1/plans/${made.hash}`);
    return made;
  }

  @Get(':hash')
  @Describes({ summary: 'A plan, as it was compiled and as it is read', answers: { 200: planAnswer } })
  async show(@Param({ schema: planPath }) { hash }: { hash: string }): Promise<PlanAnswer> {
    const plan = await readPlan(this.records.database, hash);
    return { hash, plan, shown: showPlan(plan, hash, sha256) };
  }
}
