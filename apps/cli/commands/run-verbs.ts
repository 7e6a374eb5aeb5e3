import { Option, type Command } from 'commander';
import type { RunAnswer, VerbAnswer } from '../../../model/answers.js';
import type { Verb, VerbArguments } from '../../../model/record.js';
import { orFindings } from '../make-plan.js';
import type { ApiClient } from '../api-client.js';
import { clientOf } from '../client-of.js';
import { confirm } from '../confirm.js';
import { collectInput } from '../inputs.js';
import { visible } from '../visible.js';
import { say, type World } from '../world.js';
import { blindSteps, mayHappenTwice } from './retry-warnings.js';
import { undoLeaves } from './undo-warnings.js';

interface Options {
  readonly step?: string;
  readonly host?: string;
  readonly reason?: string;
  readonly from?: string;
  readonly failed?: boolean;
  readonly to?: string;
  readonly input?: Readonly<Record<string, string>>;
  readonly undo?: boolean;
  readonly yes?: boolean;
}

interface Words {
  readonly verb: Verb;
  readonly about: string;
  readonly reason?: 'may' | 'must';
  /** Its own options. */
  readonly takes?: (command: Command) => Command;
  /** What is said before anything is asked. */
  readonly warns?: (client: ApiClient, run: RunAnswer, options: Options) => Promise<string | undefined>;
  /** What is asked first; nothing where it is undefined for these options. */
  readonly asks?: (run: string, options: Options, warned: boolean) => string | undefined;
}

const anyTask = (command: Command): Command =>
  command.option('--step <id>', 'only tasks of this step').option('--host <name>', 'only tasks on this host');

/** The verbs that need no more than their words: one row each. */
const words: readonly Words[] = [
  { verb: 'pause', about: 'stop after the present step' },
  { verb: 'resume', about: 'go on after a pause' },
  {
    verb: 'retry',
    about: 'try failed tasks again, or all from a step on',
    takes: (command) =>
      anyTask(command)
        .addOption(
          new Option('--from <step>', 'this step and all later ones of the wave, also where they went well').conflicts(
            'step',
          ),
        )
        .option('--failed', 'with --from: only on hosts where something failed'),
    warns: async (client, run, options) =>
      options.from === undefined
        ? mayHappenTwice(client, run, options)
        : blindSteps(client, run.planHash, options.from),
    asks: (run, { from }, warned) => {
      if (from !== undefined) return `Do all from ${from} on again in ${run}?`;
      return warned ? `Do them again in ${run}?` : undefined;
    },
  },
  { verb: 'skip', about: 'pass over failed tasks', takes: anyTask, reason: 'must' },
  {
    verb: 'mark-done',
    about: 'say that the effect of a failed or unknown task is there, because you have seen it',
    takes: (command) =>
      command.requiredOption('--step <id>', 'the step of the task').requiredOption('--host <name>', 'and its host'),
    reason: 'must',
  },
  {
    verb: 'exclude',
    about: 'take a host out of what is still to come; what was done there stays, and undo covers it',
    takes: (command) => command.requiredOption('--host <name>', 'the host'),
    reason: 'must',
  },
  {
    verb: 'edit',
    about:
      'change parameters of steps that have not begun; the plan gets another hash, and approvals of the old one are void',
    takes: (command) =>
      command.requiredOption('-p, --input <name=value>', 'the new value of a parameter; may be repeated', collectInput),
    reason: 'must',
    asks: (run, { input = {} }) =>
      `Go on with ${Object.entries(input)
        .map((pair) => pair.join('='))
        .join(', ')} in ${run}?`,
  },
  {
    verb: 'undo',
    about: 'take back what the run did: everything, or a part',
    takes: (command) =>
      command
        .addOption(
          new Option(
            '--to <step>',
            'only back to this step, which goes back too; the run stands paused before it',
          ).conflicts('host'),
        )
        .option('--host <name>', 'only what was done on this host, which is excluded then'),
    reason: 'may',
    warns: undoLeaves,
    asks: (run, { to, host }) => `Undo ${run}${partOf(to, host)}?`,
  },
  {
    verb: 'cancel',
    about: 'end the run, leaving what was done, or undoing it',
    takes: (command) => command.option('--undo', 'take everything back, too'),
    reason: 'may',
    warns: async (client, run, { undo }) => (undo === true ? undoLeaves(client, run) : undefined),
    asks: (run) => `Cancel ${run}?`,
  },
];

/** `belay run pause|resume|retry|skip|mark-done|exclude|edit|undo|cancel`. */
export function addVerbs(run: Command, world: World): void {
  for (const { verb, about, reason, takes = (one: Command) => one, warns, asks } of words) {
    const command = takes(run.command(verb).description(about).argument('<run>', 'its name, or the beginning of it'));
    if (reason === 'must') command.requiredOption('--reason <text>', 'why; it is recorded');
    if (reason === 'may') command.option('--reason <text>', 'why; it is recorded');
    if (asks !== undefined) command.option('-y, --yes', 'do not ask');
    command.action(async (prefix: string, options: Options) => {
      const client = clientOf(world);
      const shown = await client.get<RunAnswer>(`/v1/runs/${encodeURIComponent(prefix)}`);
      const warning = await warns?.(client, shown, options);
      if (warning !== undefined) say(world, warning);
      const question = asks?.(shown.run, options, warning !== undefined);
      if (question !== undefined) await confirm(world, visible(question), options.yes === true);
      const body = { verb, arguments: argumentsOf(verb, options) };
      say(
        world,
        outcomeLine(await orFindings(world, client.post<VerbAnswer>(`/v1/runs/${shown.run}/verbs`, body, true))),
      );
    });
  }
}

function partOf(to: string | undefined, host: string | undefined): string {
  if (to !== undefined) return ` back to before ${to}`;
  return host === undefined ? '' : ` on ${host} alone`;
}

function argumentsOf(verb: Verb, { step, host, reason, from, failed, to, input, undo }: Options): VerbArguments {
  return {
    ...(step !== undefined && { step }),
    ...(host !== undefined && { host }),
    ...(reason !== undefined && { reason }),
    ...(from !== undefined && { from }),
    ...(failed === true && { only: 'failed-hosts' }),
    ...(to !== undefined && { to }),
    ...(input !== undefined && { inputs: input }),
    ...(verb === 'cancel' && { then: undo === true ? 'undo' : 'stop' }),
  };
}

/** What became of a verb, in one line. */
export function outcomeLine(answer: VerbAnswer): string {
  if (answer.outcome === undefined) return `${answer.verb}: recorded, and not applied yet; "belay run show" will tell`;
  return visible(`${answer.verb}: ${answer.outcome.because}`);
}
