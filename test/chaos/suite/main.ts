import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { machineObstacle } from '../../../lab/machine.js';
import { projectFolder } from '../../../lab/places.js';
import { chanceOf } from '../chance.js';
import { check, plantedViolations } from './check.js';
import { openGround, type Ground } from './ground.js';
import { passThrough, undisturbed, type Passed } from './pass-through.js';
import { chooseFaults } from './sample.js';
import { secretsFound } from './secrets.js';
import { tableOf } from './table.js';

// Everything that is read and written lies in the checkout, wherever the command was given.
process.chdir(projectFolder());

const usage = `belay chaos [--all] [--only PATTERN] [--away SECONDS] [--list] [--write FILE]

Forces faults on runs on a lab of its own (as root, on Linux), has an independent checker judge them, and prints a table.
Without --all it is a sample by chance; BELAY_SEED=NUMBER chooses the same sample again.

  --all             every fault, and things away for a minute; the table is written to docs/proofs/chaos.md
  --only PATTERN    the faults whose \`group: name\` matches (a regular expression)
  --away SECONDS    for how long Postgres and Temporal are away
  --list            name the faults, and force none
  --write FILE      where the table is written; docs/proofs/chaos.md with --all
`;
const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    away: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
    list: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
});
const all = values.all || process.env['BELAY_SELFTEST_ALL'] === '1';
const chance = chanceOf('chaos');
const only = values.only === undefined ? undefined : new RegExp(values.only, 'i');
const faults = chooseFaults(chance, all, only);
const revision = execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { encoding: 'utf8' }).trim();
const print = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.help) process.stdout.write(usage);
else if (values.list) faults.forEach(({ group, name }) => print(`${group}: ${name}`));
else process.exitCode = await main();

/** Forces the faults, has the checker judge what became of the runs, and prints the table. @returns the exit code */
async function main(): Promise<number> {
  const obstacle = machineObstacle() ?? (faults.length === 0 ? 'no fault goes by that name' : undefined);
  if (obstacle !== undefined) {
    process.stderr.write(`chaos: ${obstacle}\n`);
    return 1;
  }
  const ground = await openGround();
  // Hosts, mounts and processes do not go by themselves with this one.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void ground.close().finally(() => process.exit(130)));
  try {
    const passed = await forceAll(ground);
    const checked = await check(ground);
    const missed = await plantedViolations(ground);
    const secrets = secretsFound(ground);
    const table = tableOf(passed, checked, { revision, seed: chance.seed, all, missed, secrets });
    print(table.text);
    const file = values.write ?? (all && only === undefined ? 'docs/proofs/chaos.md' : undefined);
    if (file !== undefined) keep(table.text, file);
    print(`${String(table.passed)} passed, ${String(table.failed)} failed`);
    return table.failed === 0 ? 0 : 1;
  } finally {
    await ground.close();
  }
}

/** One after another on one ground; a fault that goes wrong does not keep the others from being tried. */
async function forceAll(ground: Ground): Promise<Passed[]> {
  const usual = await undisturbed(ground, chance);
  print(`an undisturbed run takes ${usual.toFixed(1)} s`);
  const away = Number(values.away ?? (all ? 60 : 6));
  const passed: Passed[] = [];
  for (const [index, fault] of faults.entries()) {
    const one = await passThrough(ground, fault, { chance, away });
    print(
      `${String(index + 1)}/${String(faults.length)} ${one.ok ? 'ok    ' : 'FAILED'} ${fault.group}: ${fault.name}: ${one.said}`,
    );
    passed.push(one);
  }
  return passed;
}

function keep(text: string, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  print(`written to ${file}`);
}
