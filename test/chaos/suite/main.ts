import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chanceOf } from '../chance.js';
import { check, plantedViolations } from './check.js';
import { openGround, type Ground } from './ground.js';
import { passThrough, undisturbed, type Passed } from './pass-through.js';
import { chooseFaults } from './sample.js';
import { tableOf } from './table.js';

/** Forces faults on runs on real hosts, and has the checker judge what became of them: `./belay chaos`. */
const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    away: { type: 'string' },
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

if (values.list) faults.forEach(({ group, name }) => print(`${group}: ${name}`));
else process.exitCode = await main();

async function main(): Promise<number> {
  if (faults.length === 0) throw new Error('no fault goes by that name');
  const ground = await openGround();
  try {
    const passed = await forceAll(ground);
    const checked = await check(ground);
    const missed = await plantedViolations(ground);
    const table = tableOf(passed, checked, { revision, seed: chance.seed, all, missed });
    print(table.text);
    if (all) keep(table.text, values.write ?? 'docs/proofs/chaos.md');
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
    const one = await passThrough(ground, fault, { chance, usual, away });
    print(
      `${String(index + 1)}/${String(faults.length)} ${one.ok ? 'ok    ' : 'FAILED'} ${fault.group}: ${fault.name}: ${one.said}`,
    );
    passed.push(one);
  }
  return passed;
}

function keep(text: string, file: string): void {
  mkdirSync('docs/proofs', { recursive: true });
  writeFileSync(file, text);
  print(`written to ${file}`);
}
