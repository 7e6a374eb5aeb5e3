import { Option, type Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import { say, type World } from '../world.js';
import { parts, setUpMinutes, stages, type Part } from './parts.js';
import { runPart, type PartEnd } from './run-part.js';

/** `belay selftest`: every check and test of the project, part by part. */
export function registerSelftest(program: Command, world: World): void {
  const only = new Option('--only <part>', 'one part').choices(parts.map(({ name }) => name));
  program
    .command('selftest')
    .description('run every check and test of Belay on this machine')
    .option('--all', 'also what takes long: every fault at every step')
    .addOption(only)
    .action((options: Options) => selftest(world, options));
}

interface Options {
  readonly all?: true;
  readonly only?: string;
}

async function selftest(world: World, options: Options): Promise<void> {
  const before = setUp(world);
  const ends = await makeAll(world, options);
  const made = parts.flatMap((part) => (ends.has(part) ? [{ part, end: ends.get(part)! }] : []));
  // The end is what is kept of a long output: what failed, at the first try or at both, is named there once more.
  for (const [how, which] of [
    ['passed at the second try', 'retried'],
    ['failed', 'failures'],
  ] as const) {
    const tests = made.flatMap(({ part, end }) => (end[which] ?? []).map((one) => `${part.name}: ${one}`));
    if (tests.length > 0) say(world, `\n${how}:\n${tests.join('\n')}`);
  }
  const lines = [before, ...made.map(({ part, end }) => line(part, end))];
  if (world.interrupted.aborted) lines.push('interrupted');
  const [passed, failed] = (['passed', 'failed'] as const).map((which) =>
    made.reduce((sum, { end }) => sum + end[which], 0),
  );
  say(world, `\n${lines.join('\n')}\n${String(passed)} passed, ${String(failed)} failed`);
  if (failed !== 0 || passed === 0 || world.interrupted.aborted) world.exitWith(exitCodes.error);
}

/** A part that fails does not keep the others from running. @returns how each that was made has ended */
async function makeAll(world: World, options: Options): Promise<Map<Part, PartEnd>> {
  const environment = { ...world.environment, ...(options.all === true && { BELAY_SELFTEST_ALL: '1' }) };
  const ends = new Map<Part, PartEnd>();
  for (const stage of stages) {
    const lanes = stage.map((lane) => lane.filter((part) => isAsked(part, options))).filter(({ length }) => length > 0);
    const make = async (lane: readonly Part[]): Promise<void> => {
      for (const part of lane) {
        if (world.interrupted.aborted) return;
        say(world, `\n== ${part.name}`);
        ends.set(part, await runPart(part, environment, lanes.length > 1 ? `${part.name} | ` : ''));
      }
    };
    await Promise.all(lanes.map(make));
  }
  return ends;
}

/** What takes long is made where it is named, or everything is asked for. */
function isAsked({ name, long }: Part, { all, only }: Options): boolean {
  if (only !== undefined) return name === only;
  return long === undefined || all === true;
}

/** How long the bootstrap script took before any part began. */
function setUp(world: World): string {
  const started = Number(world.environment['BELAY_STARTED'] ?? Number.NaN);
  const minutes = Number.isFinite(started) ? Math.max(0, Date.now() / 1000 - started) / 60 : 0;
  return row('set-up', minutes, setUpMinutes, '');
}

const line = (part: Part, end: PartEnd): string =>
  row(part.name, end.minutes, part.minutes, `${String(end.passed)} passed, ${String(end.failed)} failed`);

function row(name: string, minutes: number, budget: number, counts: string): string {
  const over = minutes > budget ? ' OVER BUDGET' : '';
  const time = `${minutes.toFixed(1).padStart(5)} of ${String(budget).padStart(2)} min`;
  return `${name.padEnd(14)} ${time}  ${counts}${over}`.trimEnd();
}
