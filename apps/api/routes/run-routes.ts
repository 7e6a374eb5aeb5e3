import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { acknowledge } from '../../../database/budget.js';
import { findRun, listRuns, readRun as readRow } from '../../../database/runs.js';
import { readTasks } from '../../../database/tasks.js';
import {
  runAnswer,
  runRow,
  runsAnswer,
  tasksAnswer,
  verbAnswer,
  type RunAnswer,
  type RunRow,
  type RunsAnswer,
  type TasksAnswer,
  type VerbAnswer,
} from '../../../model/answers.js';
import {
  acknowledgeBody,
  runBody,
  runPath,
  runsQuery,
  verbBody,
  type AcknowledgeBody,
  type RunBody,
  type RunsQuery,
  type VerbBody,
} from '../bodies.js';
import { Describes, onceUnderKey } from '../describes.js';
import { By, IdempotencyKey } from '../identity.js';
import { readRun } from '../read-run.js';
import { Records } from '../records.js';
import { sayVerb } from '../say-verb.js';
import { startRun } from '../start-run.js';
import { Workflows } from '../workflows.js';

@Controller('v1/runs')
export class RunRoutes {
  constructor(
    private readonly records: Records,
    private readonly workflows: Workflows,
  ) {}

  @Post()
  @Describes({
    summary: 'Start a run of a plan, with the leases of all its hosts, or in line for them',
    answers: { 201: runRow, 200: runRow },
    headers: onceUnderKey,
  })
  async start(
    @Body({ schema: runBody }) body: RunBody,
    @By() by: string,
    @IdempotencyKey() idempotencyKey: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunRow> {
    const { run, created } = await startRun(this.records, this.workflows, { ...body, by, idempotencyKey });
    reply.status(created ? 201 : 200).header('location', `/v1/runs/${run}`);
    return readRow(this.records.database, run);
  }

  @Get()
  @Describes({ summary: 'Runs, newest first', answers: { 200: runsAnswer } })
  async list(@Query({ schema: runsQuery }) { waiting, limit, before }: RunsQuery): Promise<RunsAnswer> {
    const filter = { limit, ...(waiting === 'true' && { waiting: true }), ...(before !== undefined && { before }) };
    const runs = await listRuns(this.records.database, filter);
    const next = runs.length === limit ? runs.at(-1)?.run : undefined;
    return { runs, ...(next !== undefined && { next }) };
  }

  @Get(':run')
  @Describes({ summary: 'A run, by its name or an unmistakable beginning of it', answers: { 200: runAnswer } })
  async show(@Param({ schema: runPath }) { run }: { run: string }): Promise<RunAnswer> {
    return readRun(this.records, run);
  }

  @Post(':run/acknowledge')
  @HttpCode(200)
  @Describes({
    summary: 'Say that what the run left on its hosts counts as up again, for the budgets of groups',
    answers: { 200: runRow },
  })
  async acknowledge(
    @Param({ schema: runPath }) { run: prefix }: { run: string },
    @Body({ schema: acknowledgeBody }) { host, reason }: AcknowledgeBody,
    @By() by: string,
  ): Promise<RunRow> {
    const run = await findRun(this.records.database, prefix);
    await acknowledge(this.records.database, { run, reason, by, ...(host !== undefined && { host }) });
    return readRow(this.records.database, run);
  }

  @Get(':run/tasks')
  @Describes({ summary: 'Every task of a run: one step on one host', answers: { 200: tasksAnswer } })
  async tasks(@Param({ schema: runPath }) { run }: { run: string }): Promise<TasksAnswer> {
    const { database } = this.records;
    return { tasks: await readTasks(database, await findRun(database, run)) };
  }

  @Post(':run/verbs')
  @Describes({
    summary: 'Say approve, reject, pause, resume, retry, skip, cancel or undo to a run',
    answers: { 200: verbAnswer, 202: verbAnswer },
    headers: onceUnderKey,
  })
  async say(
    @Param({ schema: runPath }) { run: prefix }: { run: string },
    @Body({ schema: verbBody }) body: VerbBody,
    @By() by: string,
    @IdempotencyKey() idempotencyKey: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VerbAnswer> {
    const run = await findRun(this.records.database, prefix);
    const answer = await sayVerb(this.records, this.workflows, { ...body, run, by, idempotencyKey });
    reply.status(answer.outcome === undefined ? 202 : 200);
    return answer;
  }
}
