import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from '../../lab/places.js';
import { chanceOf, type Chance } from '../chaos/chance.js';
import { textOf } from '../checks/guarantees.js';
import { judgeGuards, readGuards, type Guard } from './guards.js';
import { runTest } from './run-test.js';
import { isKilled, merged, rowOf, rowsOf, tableOf, unproven, type Row, type Tried } from './table.js';
import type { Verdict } from './verdict.js';
import { copyCheckout, type WorkTree } from './work-tree.js';

const top = projectFolder();
const usage = `belay mutation [--all | --only PATTERN | --unproven] [--list] [--write FILE]

Takes guards out of a copy of this checkout, one after another, and runs for each the test that must see it. A guard
whose test stays green has no proof. Without --all it is a sample by chance; BELAY_SEED=NUMBER chooses the same again.

  --all             every guard; about a quarter of an hour, as root
  --only PATTERN    the guards whose name, file or test matches (a regular expression)
  --list            name the guards, and break none
  --unproven        the guards that docs/proofs/guards.md does not show to be needed
  --write FILE      where the table is written; what it says of guards that are not tried now stays
`;
const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    unproven: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    list: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const guards = readGuards(top);

/** How many guards are in a sample: those that need a host take longer, and root. */
const sampled = { unit: 6, hosts: 2 };

/** How many copies are broken at a time. */
const lanes = 2;

if (values.help) process.stdout.write(usage);
else if (values.list) guards.forEach(({ guard, promise = '' }) => print(`${promise.padEnd(4)} ${guard}`));
else process.exitCode = await main();

/** Breaks the guards, one after another, and prints the table. @returns the exit code */
async function main(): Promise<number> {
  const rotten = judgeGuards(guards, readFileSync(join(top, 'docs', 'guarantees.md'), 'utf8'), textOf);
  const chosen = choose(chanceOf('mutation'));
  if (rotten.length > 0 || chosen.length === 0) {
    process.stderr.write(`mutation: ${rotten.join('\nmutation: ') || 'no guard goes by that name'}\n`);
    return 1;
  }
  const made = revision();
  const before = values.write === undefined ? [] : rowsIn(values.write);
  const table = (tried: readonly Tried[]): string => {
    const now = tried.map((one) => rowOf(one, made));
    return tableOf(merged(guards, before, now), guards.length);
  };
  const keep = (tried: readonly Tried[]): void => {
    if (values.write !== undefined) writeFileSync(values.write, table(tried));
  };
  const tried = await breakAll(chosen, keep);
  print(table(tried));
  const killed = tried.filter(isKilled).length;
  print(`${String(killed)} passed, ${String(chosen.length - killed)} failed`);
  return killed === chosen.length ? 0 : 1;
}

function rowsIn(file: string): Row[] {
  return existsSync(file) ? rowsOf(readFileSync(file, 'utf8')) : [];
}

function choose(chance: Chance): readonly Guard[] {
  const { only } = values;
  if (only !== undefined) {
    const pattern = new RegExp(only, 'i');
    return guards.filter(({ guard, file, test }) => [guard, file, test].some((text) => pattern.test(text)));
  }
  if (values.unproven) return unproven(guards, rowsIn(join(top, 'docs', 'proofs', 'guards.md')));
  if (values.all || process.env['BELAY_SELFTEST_ALL'] === '1') return guards;
  const onHosts = chance.shuffled(guards.filter(needsHost)).slice(0, process.getuid?.() === 0 ? sampled.hosts : 0);
  return [...chance.shuffled(guards.filter((one) => !needsHost(one))).slice(0, sampled.unit), ...onHosts];
}

function needsHost({ test }: Guard): boolean {
  return test.endsWith('.hosts.test.ts');
}

/**
 * One after another in each copy: two that are broken at once would hide each other.
 *
 * @param keep - given the rows so far after each, so that a run that is cut short leaves what it has shown
 */
async function breakAll(chosen: readonly Guard[], keep: (tried: readonly Tried[]) => void): Promise<Tried[]> {
  const trees = Array.from({ length: lanes }, () => copyCheckout(top));
  const remove = (): void => trees.forEach((tree) => tree.remove());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      remove();
      process.exit(130);
    });
  const tried: Tried[] = [];
  /** What a test says where nothing is broken; several guards may be seen by one. */
  const wholes = new Map<string, Promise<Verdict>>();
  const left = [...chosen.entries()];
  const walk = async (tree: WorkTree): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [place, guard] = next;
      const one = await breakOne(tree, guard, wholes);
      tried[place] = one;
      keep(tried.filter(Boolean));
      const count = `${String(tried.filter(Boolean).length)}/${String(chosen.length)}`;
      print(`${count} ${isKilled(one) ? 'ok    ' : 'FAILED'} ${guard.guard}: ${one.whole.how}, then ${one.broken.how}`);
    }
  };
  try {
    await Promise.all(trees.map(walk));
    return tried;
  } finally {
    remove();
  }
}

async function breakOne(tree: WorkTree, guard: Guard, wholes: Map<string, Promise<Verdict>>): Promise<Tried> {
  const { test, title, case: only } = guard;
  const name = JSON.stringify([test, title, only]);
  const whole = wholes.get(name) ?? runTest(tree.folder, guard);
  wholes.set(name, whole);
  const before = await whole;
  return { guard, whole: before, broken: await tree.whileBroken(guard, async () => runTest(tree.folder, guard)) };
}

function revision(): string {
  return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { cwd: top, encoding: 'utf8' }).trim();
}
