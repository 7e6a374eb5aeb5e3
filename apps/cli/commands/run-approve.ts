import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApprovalAnswer, PlanAnswer, RunAnswer, VerbAnswer } from '../../../model/answers.js';
import type { ApiClient } from '../api-client.js';
import { clientOf } from '../client-of.js';
import { confirm } from '../confirm.js';
import { positive } from '../inputs.js';
import { Stop, usage } from '../stop.js';
import { visible } from '../visible.js';
import { say, type World } from '../world.js';
import { outcomeLine } from './run-verbs.js';

interface VoteOptions {
  readonly phase?: number;
  readonly plan?: string;
  readonly comment?: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

/** `belay run approve` and `belay run reject`: a vote on the very plan that is shown. */
export function addApprove(run: Command, world: World): void {
  ballot(run.command('approve'))
    .description('vote for the phase that the run waits to begin')
    .option('--comment <text>', 'recorded with the vote')
    .action((prefix: string, options: VoteOptions) => vote(world, 'approve', prefix, options));
  ballot(run.command('reject'))
    .description('vote against the phase that the run waits to begin; the run ends')
    .requiredOption('--reason <text>', 'why')
    .action((prefix: string, options: VoteOptions) => vote(world, 'reject', prefix, options));
}

function ballot(command: Command): Command {
  return command
    .argument('<run>', 'its name, or the beginning of it')
    .option('--phase <n>', 'which phase, counted from 1; the one it waits for where absent', positive)
    .option('--plan <hash>', 'the beginning of the plan hash you have read; refused where the run has another')
    .option('-y, --yes', 'do not ask');
}

/**
 * Votes for the phase that a run waits to begin, and waits until the vote has counted.
 *
 * @returns whether the run goes on; false where it waits for something else, or for further votes
 */
export async function approveWaiting(world: World, client: ApiClient, name: string): Promise<boolean> {
  const run = await client.get<RunAnswer>(`/v1/runs/${name}`);
  const { approval } = run;
  if (run.state !== 'waiting' || approval === undefined || world.interrupted.aborted) return false;
  say(world, ballotLines(run, approval));
  const said = { phase: approval.phase, planHash: run.planHash };
  const vote = await client.post<VerbAnswer>(`/v1/runs/${run.run}/verbs`, { verb: 'approve', arguments: said }, true);
  say(world, outcomeLine(vote));
  if (vote.outcome?.accepted === false) return false;
  for (;;) {
    const { approval: now } = await client.get<RunAnswer>(`/v1/runs/${name}`);
    if (now?.phase !== approval.phase) return true;
    if (now.votes > approval.votes && now.votes < now.wanted) return false;
    await sleep(200, undefined, { signal: world.interrupted });
  }
}

async function vote(world: World, verb: 'approve' | 'reject', prefix: string, options: VoteOptions): Promise<void> {
  const client = clientOf(world);
  const run = await client.get<RunAnswer>(`/v1/runs/${encodeURIComponent(prefix)}`);
  const asked = await gateOf(client, run, options.phase);
  if (options.plan !== undefined && !run.planHash.startsWith(options.plan)) {
    throw new Stop(`the run ${run.run} has the plan ${run.planHash}, not ${options.plan}; read that one first`);
  }
  say(world, ballotLines(run, asked));
  await confirm(world, `${verb === 'approve' ? 'Approve' : 'Reject'} as ${world.user}?`, options.yes === true);
  const said = {
    phase: asked.phase,
    planHash: run.planHash,
    ...(options.comment !== undefined && { comment: options.comment }),
    ...(options.reason !== undefined && { reason: options.reason }),
  };
  say(world, outcomeLine(await client.post<VerbAnswer>(`/v1/runs/${run.run}/verbs`, { verb, arguments: said }, true)));
}

async function gateOf(
  client: ApiClient,
  run: RunAnswer,
  number: number | undefined,
): Promise<Pick<ApprovalAnswer, 'phase' | 'name' | 'ask'>> {
  if (run.approval !== undefined && (number === undefined || number === run.approval.phase + 1)) return run.approval;
  if (number === undefined)
    throw new Stop(`the run ${run.run} waits for no approval (it is ${run.state}); name a phase with --phase`);
  const { plan } = await client.get<PlanAnswer>(`/v1/plans/${run.planHash}`);
  const phase = plan.phases[number - 1];
  if (phase === undefined)
    throw usage(`the run ${run.run} has ${plan.phases.length} phases, so there is no phase ${number}`);
  if (phase.approval === undefined) throw usage(`phase ${number} (${phase.name}) asks for no approval`);
  return { phase: number - 1, name: phase.name, ask: phase.approval.ask };
}

function ballotLines(run: RunAnswer, asked: Pick<ApprovalAnswer, 'phase' | 'name' | 'ask'>): string {
  return [
    `run    ${run.run}`,
    `phase  ${asked.phase + 1}, ${visible(asked.name)}`,
    `asks   ${visible(asked.ask)}`,
    `plan   ${run.planHash}`,
  ].join('\n');
}
