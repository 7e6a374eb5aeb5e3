import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareServer } from '../../../apps/cli/up/temporal-server-build.js';
import { machineObstacle } from '../../../lab/machine.js';
import { projectFolder } from '../../../lab/places.js';
import { chanceFrom, chanceOf } from '../chance.js';
import { check, plantedViolations } from './check.js';
import { openGround, type Ground } from './ground.js';
import { cutShort, joined, readOutcome, revisionOf, type Outcome } from './outcome.js';
import { passThrough, undisturbed, type Passed } from './pass-through.js';
import { chooseFaults } from './sample.js';
import type { Fault } from './scene.js';
import { openSearch, type SecretSearch } from './secrets.js';
import { sideBySide } from './side-by-side.js';
import { tableOf } from './table.js';
import { upgrade } from './version-faults.js';

// Everything that is read and written lies in the checkout, wherever the command was given.
process.chdir(projectFolder());

const usage = `belay chaos [--all] [--only PATTERN] [--away SECONDS] [--grounds N] [--older CHECKOUT] [--list] [--write FILE]

Forces faults on runs on a lab of its own (as root, on Linux), has an independent checker judge them, and prints a table.
Without --all it is a sample by chance; BELAY_SEED=NUMBER chooses the same sample again.

  --all             every fault, and things away for a minute; the table is written to docs/proofs/chaos.md
  --only PATTERN    the faults whose \`group: name\` matches (a regular expression)
  --away SECONDS    for how long Postgres is away; Temporal is away five times as long
  --grounds N       shares the faults out to N labs side by side, and joins their rows in one table
  --older CHECKOUT  upgrades from the version that is built there to this one, not from this one to one with a further migration
  --list            name the faults, and force none
  --write FILE      where the table is written; docs/proofs/chaos.md with --all

For grounds that stand on several machines: --shard K/N forces the K-th of N parts, --rows FILE keeps what it found, and
belay chaos --join FILE… makes one table of such files. Give all of them the same BELAY_SEED.
`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    away: { type: 'string' },
    grounds: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
    join: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    older: { type: 'string' },
    rows: { type: 'string' },
    shard: { type: 'string', default: '1/1' },
    write: { type: 'string' },
  },
});
const all = values.all || process.env['BELAY_SELFTEST_ALL'] === '1';
const [, part, of] = (/^([1-9]\d?)\/([1-9]\d?)$/.exec(values.shard) ?? []).map(Number);
if (part === undefined || of === undefined || part > of) throw new Error(`--shard is K/N, not ${values.shard}`);
const chance = chanceOf('chaos');
const { seed } = chance;
// That of the beginning: somebody may work in this checkout before all is forced.
const revision = revisionOf();
const only = values.only === undefined ? undefined : new RegExp(values.only, 'i');
const faults = chooseFaults(chance, all, only, { part, of });
const print = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.help) process.stdout.write(usage);
else if (values.list) faults.forEach(({ group, name }) => print(`${group}: ${name}`));
else if (values.join) process.exitCode = tell(joined(positionals.map(readOutcome)));
else process.exitCode = await main();

/** Forces the faults, has the checker judge what became of the runs, and prints the table. @returns the exit code */
async function main(): Promise<number> {
  const obstacle = machineObstacle() ?? (faults.length === 0 ? 'no fault goes by that name' : undefined);
  if (obstacle !== undefined) {
    process.stderr.write(`chaos: ${obstacle}\n`);
    return 1;
  }
  // It is built for minutes where there is none yet: what it lacks is known before the first fault, not after the last.
  if (faults.some(({ layout }) => layout === 'production')) await prepareServer(process.env, print);
  const grounds = Math.min(Number(values.grounds), faults.length);
  if (grounds > 1)
    return tell(
      await sideBySide(grounds, wordsOfParts(), seed, (share, why) =>
        cutShort({ revision, seed }, chooseFaults(chanceFrom(seed), all, only, share), [], why),
      ),
    );
  const outcomes: Outcome[] = [];
  for (const layout of [undefined, 'production'] as const) {
    const here = faults.filter((fault) => fault.layout === layout);
    if (here.length === 0) continue;
    const passed: Passed[] = [];
    outcomes.push(
      await onOneGround(here, layout, passed).catch((error: unknown) =>
        cutShort({ revision, seed }, here, passed, error),
      ),
    );
  }
  return tell(joined(outcomes));
}

function wordsOfParts(): string[] {
  const { only: pattern, away, older } = values;
  const named = Object.entries({ only: pattern, away, older }).filter((one): one is [string, string] => !!one[1]);
  return [...(all ? ['--all'] : []), ...named.flatMap(([name, value]) => [`--${name}`, value])];
}

/** All of it on one ground after another, for a layout has one of its own. @param passed - is given what is found, as it is */
async function onOneGround(here: readonly Fault[], layout: Fault['layout'], passed: Passed[]): Promise<Outcome> {
  // An older version is there to be upgraded: everything else is forced on this one.
  const older = here.includes(upgrade) ? values.older : undefined;
  const order = older === undefined ? here : [upgrade, ...here.filter((fault) => fault !== upgrade)];
  const name = `chaos-${String(part)}${layout === undefined ? '' : `-${layout}`}`;
  const ground = await openGround({
    name,
    production: layout !== undefined,
    ...(older === undefined ? {} : { older }),
  });
  // Hosts, mounts and processes do not go by themselves with this one.
  const interrupted = (): void => void ground.close().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  try {
    const secrets = await openSearch(ground);
    await forceAll(ground, order, secrets, passed);
    const checked = await check(ground);
    const missed = await plantedViolations(ground);
    return { revision, seed, passed, checked, missed, secrets: await secrets.all() };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
    await ground.close();
  }
}

/** One after another on one ground; a fault that goes wrong does not keep the others from being tried. */
async function forceAll(
  ground: Ground,
  here: readonly Fault[],
  secrets: SecretSearch,
  passed: Passed[],
): Promise<void> {
  const usual = await undisturbed(ground, { chance, secrets });
  print(`an undisturbed run takes ${usual.toFixed(1)} s`);
  const away = Number(values.away ?? (all ? 60 : 6));
  for (const [index, fault] of here.entries()) {
    const one = await passThrough(ground, fault, { chance, away, secrets });
    print(
      `${String(index + 1)}/${String(here.length)} ${one.ok ? 'ok    ' : 'FAILED'} ${fault.group}: ${fault.name}: ${one.said}`,
    );
    passed.push(one);
  }
}

/** Prints the table, keeps it where it is to be kept, and gives the exit code. */
function tell(outcome: Outcome): number {
  if (values.rows !== undefined) {
    keep(JSON.stringify(outcome), values.rows);
    return 0;
  }
  const table = tableOf(outcome, all);
  print(table.text);
  const file = values.write ?? (all && only === undefined && of === 1 ? 'docs/proofs/chaos.md' : undefined);
  if (file !== undefined) keep(table.text, file);
  print(`${String(table.passed)} passed, ${String(table.failed)} failed`);
  return table.failed === 0 ? 0 : 1;
}

function keep(text: string, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  print(`written to ${file}`);
}
