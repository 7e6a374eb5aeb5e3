import { Option, type Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import { say, type World } from '../world.js';
import { parts, setUpMinutes, type Part } from './parts.js';
import { runPart, type PartEnd } from './run-part.js';

/** `belay selftest`: every check and test of the project, part by part. */
export function registerSelftest(program: Command, world: World): void {
  const only = new Option('--only <part>', 'one part').choices(parts.map(({ name }) => name));
  program
    .command('selftest')
    .description('run every check and test of Belay on this machine')
    .option('--all', 'also what takes long: every fault at every step')
    .addOption(only)
    .action((options: { all?: true; only?: string }) => selftest(world, options));
}

/** A part that fails does not keep the others from running. */
async function selftest(world: World, options: { all?: true; only?: string }): Promise<void> {
  const environment = { ...world.environment, ...(options.all === true && { BELAY_SELFTEST_ALL: '1' }) };
  const lines = [setUp(world)];
  const named: Record<'failed' | 'passed at the second try', string[]> = {
    'passed at the second try': [],
    failed: [],
  };
  const total = { passed: 0, failed: 0 };
  for (const part of parts.filter((one) => isAsked(one, options))) {
    if (world.interrupted.aborted) break;
    say(world, `\n== ${part.name}`);
    const end = await runPart(part, environment);
    lines.push(line(part, end));
    total.passed += end.passed;
    total.failed += end.failed;
    named.failed.push(...(end.failures ?? []).map((one) => `${part.name}: ${one}`));
    named['passed at the second try'].push(...(end.retried ?? []).map((one) => `${part.name}: ${one}`));
  }
  if (world.interrupted.aborted) lines.push('interrupted');
  // The end is what is kept of a long output: what failed, at the first try or at both, is named there once more.
  for (const [how, tests] of Object.entries(named)) if (tests.length > 0) say(world, `\n${how}:\n${tests.join('\n')}`);
  say(world, `\n${lines.join('\n')}\n${String(total.passed)} passed, ${String(total.failed)} failed`);
  if (total.failed > 0 || total.passed === 0 || world.interrupted.aborted) world.exitWith(exitCodes.error);
}

/** What takes long is made where it is named, or everything is asked for. */
function isAsked({ name, long }: Part, { all, only }: { all?: true; only?: string }): boolean {
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
