import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withFolder } from '../../../lab/checkpoint.js';
import { labDown, type Lab } from '../../../lab/lab.js';
import { projectFolder } from '../../../lab/places.js';
import type { Belay } from '../../end-to-end/belay.js';
import { chanceOf } from '../../chaos/chance.js';
import { openCompiled } from '../../chaos/compiled.js';
import { revision } from '../../chaos/proof.js';
import { carryThrough } from '../carry-through.js';
import { gluuPair } from '../gluu-cluster-lab.js';
import { standingStill } from './armed.js';
import { stepsWithoutLab } from './offline.js';
import { onlooker } from './onlooker.js';
import { inventoryOf, procedures, type Procedure } from './procedures.js';
import { placesOf, type Place, type Row } from './rows.js';
import { keptRows, keepTable, stepsOf } from './table.js';
import { failThrough, goTo, type Walk } from './walk.js';

process.chdir(projectFolder());

const usage = `node build/test/runbooks/failures/main.js RUNBOOK [--minutes N] [--again PATTERN] [--only PATTERN]

Has a runbook of Gluu fail at every step that changes something, on a lab of its own (as root, on Linux), and writes what
became of it to docs/proofs/failures-RUNBOOK.md. Steps that have a row there already are not tried again: what is cut short
is taken up by the next call. RUNBOOK is one of: ${procedures.map(({ runbook }) => runbook).join(', ')}.

  --minutes N      begin no further phase after so many minutes
  --again PATTERN  forget the rows of steps that match (a regular expression) and try these anew; "." for all
  --only PATTERN   try steps that match alone

main.js --write makes every table true to its runbook as it is now, and tries nothing.
`;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '600' },
    again: { type: 'string' },
    only: { type: 'string', default: '.' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const until = Date.now() + Number(values.minutes) * 60_000;
const procedure = procedures.find(({ runbook }) => runbook === positionals[0]);

if (values.write) procedures.forEach(writeAnew);
else if (values.help || procedure === undefined) process.stdout.write(usage);
else process.exitCode = await main(procedure);

function writeAnew(procedure: Procedure): void {
  const { runbook } = procedure;
  keepTable({ runbook, rows: keptRows(runbook), steps: stepsWithoutLab('.', procedure) });
}

async function main(procedure: Procedure): Promise<number> {
  const name = `failures-${procedure.runbook.split('-')[0] ?? ''}`;
  await labDown(name);
  const world = await stage(name, procedure);
  const end = async (): Promise<void> => {
    await world.belay.stop();
    await labDown(name);
  };
  process.once('SIGINT', () => void end().finally(() => process.exit(130)));
  try {
    return await fail(world, procedure);
  } finally {
    await end();
  }
}

interface World {
  readonly lab: Lab;
  readonly belay: Belay;
}

/** The hosts as they are before the runbook. */
async function stage(name: string, { stage: from, before }: Procedure): Promise<World> {
  const world = await gluuPair(name, from);
  if (before) await carryThrough(world.belay, `runbooks/gluu/${before.runbook}.yaml`, before.inputs);
  return world;
}

/** Goes through the runbook, and into every failure that has no row yet. @returns the exit code */
async function fail({ lab, belay }: World, procedure: Procedure): Promise<number> {
  const { runbook } = procedure;
  const inventory = inventoryOf(lab, procedure);
  const { plan } = await belay.plan(`runbooks/gluu/${runbook}.yaml`, procedure.inputs, inventory);
  const places = placesOf(plan, chanceOf(`failures of ${runbook}`));
  const compiled = await openCompiled(belay);
  const at = revision().replace(/^(.{10}).*?(\+?)$/, '$1$2');
  let rows: Row[] = keptRows(runbook).filter(({ step }) => !new RegExp(values.again ?? '^$').test(step));
  const write = (): void => keepTable({ runbook, rows, steps: stepsOf(places) });
  write();
  const due = (phase: number): Place[] =>
    places.filter(
      (one) =>
        one.phase === phase && new RegExp(values.only).test(one.step) && !rows.some(({ step }) => step === one.step),
    );
  const run = await compiled.start(standingStill(plan));
  const walk: Walk = { lab, belay, plan, run, manager: managerOf(lab), verify: onlooker(belay, inventory) };
  try {
    for (const phase of plan.phases.keys()) {
      if (!plan.phases.some((_, later) => later >= phase && due(later).length > 0) || Date.now() > until) break;
      if (due(phase).length === 0) continue;
      await goTo(walk, phase);
      await failThrough(walk, due(phase), (seen) => {
        rows = [...rows, { ...seen, revision: at }];
        process.stdout.write(`${JSON.stringify(rows.at(-1))}\n`);
        write();
      });
    }
  } finally {
    await compiled.close();
  }
  return rows.every(({ held }) => held) ? 0 : 1;
}

function managerOf(lab: Lab): string {
  return readFileSync(join(lab.folder, withFolder, 'secrets', 'gluu-directory-manager'), 'utf8').trim();
}
