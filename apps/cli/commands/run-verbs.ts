import { Option, type Command } from 'commander';
import type { VerbAnswer } from '../../../model/answers.js';
import type { Verb, VerbArguments } from '../../../model/record.js';
import { clientOf } from '../client-of.js';
import { confirm } from '../confirm.js';
import { visible } from '../visible.js';
import { say, type World } from '../world.js';

interface Options {
  readonly step?: string;
  readonly host?: string;
  readonly reason?: string;
  readonly to?: string;
  readonly undo?: boolean;
  readonly yes?: boolean;
}

/** The verbs that need no more than their words: one row each. */
const words: readonly {
  readonly verb: Verb;
  readonly about: string;
  readonly tasks?: 'may' | 'must';
  readonly reason?: 'may' | 'must';
  readonly asks?: (run: string, options: Options) => string;
}[] = [
  { verb: 'pause', about: 'stop after the present step' },
  { verb: 'resume', about: 'go on after a pause' },
  { verb: 'retry', about: 'try failed tasks again', tasks: 'may' },
  { verb: 'skip', about: 'pass over failed tasks', tasks: 'may', reason: 'must' },
  {
    verb: 'mark-done',
    about: 'say that the effect of a failed or unknown task is there, because you have seen it',
    tasks: 'must',
    reason: 'must',
  },
  {
    verb: 'undo',
    about: 'take everything back that the run did',
    reason: 'may',
    asks: (run, { to, host }) => `Undo ${run}${partOf(to, host)}?`,
  },
  {
    verb: 'cancel',
    about: 'end the run, leaving what was done, or undoing it',
    reason: 'may',
    asks: (run) => `Cancel ${run}?`,
  },
];

/** `belay run pause|resume|retry|skip|mark-done|undo|cancel`. */
export function addVerbs(run: Command, world: World): void {
  for (const { verb, about, tasks, reason, asks } of words) {
    const command = run.command(verb).description(about).argument('<run>', 'its name, or the beginning of it');
    if (tasks === 'may')
      command.option('--step <id>', 'only tasks of this step').option('--host <name>', 'only tasks on this host');
    if (tasks === 'must')
      command.requiredOption('--step <id>', 'the step of the task').requiredOption('--host <name>', 'and its host');
    if (reason === 'must') command.requiredOption('--reason <text>', 'why; it is recorded');
    if (reason === 'may') command.option('--reason <text>', 'why; it is recorded');
    if (verb === 'undo')
      command
        .addOption(
          new Option(
            '--to <step>',
            'only back to this step, which goes back too; the run stands paused before it',
          ).conflicts('host'),
        )
        .option('--host <name>', 'only what was done on this host, which is excluded then');
    if (verb === 'cancel') command.option('--undo', 'take everything back, too');
    if (asks !== undefined) command.option('-y, --yes', 'do not ask');
    command.action(async (prefix: string, options: Options) => {
      const client = clientOf(world);
      const { run: name } = await client.get<{ run: string }>(`/v1/runs/${encodeURIComponent(prefix)}`);
      if (asks !== undefined) await confirm(world, asks(name, options), options.yes === true);
      const body = { verb, arguments: argumentsOf(verb, options) };
      say(world, outcomeLine(await client.post<VerbAnswer>(`/v1/runs/${name}/verbs`, body, true)));
    });
  }
}

function partOf(to: string | undefined, host: string | undefined): string {
  if (to !== undefined) return ` back to before ${to}`;
  return host === undefined ? '' : ` on ${host} alone`;
}

function argumentsOf(verb: Verb, { step, host, reason, to, undo }: Options): VerbArguments {
  return {
    ...(step !== undefined && { step }),
    ...(host !== undefined && { host }),
    ...(reason !== undefined && { reason }),
    ...(to !== undefined && { to }),
    ...(verb === 'cancel' && { then: undo === true ? 'undo' : 'stop' }),
  };
}

/** What became of a verb, in one line. */
export function outcomeLine(answer: VerbAnswer): string {
  if (answer.outcome === undefined) return `${answer.verb}: recorded, and not applied yet; "belay run show" will tell`;
  return visible(`${answer.verb}: ${answer.outcome.because}`);
}
