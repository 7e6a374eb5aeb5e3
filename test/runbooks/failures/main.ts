import { parseArgs } from 'node:util';
import { labDown } from '../../../lab/lab.js';
import { projectFolder } from '../../../lab/places.js';
import { chanceOf } from '../../chaos/chance.js';
import { openCompiled } from '../../chaos/compiled.js';
import type { ClusterLab } from '../gluu-cluster-lab.js';
import { standingStill } from './armed.js';
import { beyond, stepsWithoutLab } from './offline.js';
import { onlooker } from './onlooker.js';
import { aboutOf, inputsOf, inventoryOf, procedures, type Procedure } from './procedures.js';
import { placesOf, wholeRun, type Place, type Row } from './rows.js';
import { failOneByOne } from './one-by-one.js';
import { setStageOf } from './stage.js';
import { isLong, stretchesOf } from './stretches.js';
import { keep } from './state.js';
import { keptRows, keepTable, same, stepsOf, type Known } from './table.js';
import { failThrough, goForward, goTo, type Seen, type Walk } from './walk.js';
import { endWhole } from './whole.js';

process.chdir(projectFolder());

const usage = `node build/test/runbooks/failures/main.js TABLE [--minutes N] [--again PATTERN] [--only PATTERN]

Has a runbook of Gluu fail at every step that changes something, on a lab of its own (as root, on Linux), and writes what
became of it to docs/proofs/failures-TABLE.md. Steps that have a row there already, and held, are not tried again: what is
cut short is taken up by the next call. TABLE is one of: ${procedures.map(({ table }) => table).join(', ')}.

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
const procedure = procedures.find(({ table }) => table === positionals[0]);

if (values.write) procedures.forEach(writeAnew);
else if (values.help || procedure === undefined) process.stdout.write(usage);
else process.exitCode = await main(procedure);

function writeAnew(procedure: Procedure): void {
  const { table } = procedure;
  keepTable({ table, about: aboutOf(procedure), rows: keptRows(table), steps: stepsWithoutLab('.', procedure) });
}

async function main(procedure: Procedure): Promise<number> {
  const name = `failures-${procedure.table}`;
  await labDown(name);
  const world = await setStageOf(name, procedure);
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

/** Goes through the runbook, and into every failure that has no row yet. @returns the exit code */
async function fail({ lab, belay, secret }: ClusterLab, procedure: Procedure): Promise<number> {
  const { runbook, table } = procedure;
  const inventory = inventoryOf(lab, procedure);
  const { plan } = await belay.plan(`runbooks/gluu/${runbook}.yaml`, inputsOf(lab, procedure), inventory);
  const places = placesOf(plan, chanceOf(`failures of ${table}`));
  const steps = beyond(stepsOf(plan, places), procedure);
  const rows = tableOf(procedure, steps, plan.runbook.revision.slice(0, 12));
  const manager = secret('gluu-directory-manager');
  const kept = await keep(lab, manager, 'before-all');
  const compiled = await openCompiled(belay);
  try {
    const run = await compiled.start(standingStill(plan));
    const enough = (): boolean => Date.now() > until;
    const verify = onlooker(belay, inventory, procedure.verified ?? {});
    const walk: Walk = { lab, belay, plan, run, manager, verify, enough };
    const due = places.filter(({ phase, step }) => rows.due({ phase: plan.phases[phase]?.name ?? '', step }));
    await walkThrough(walk, due, rows.add);
    if (rows.due(wholeRun) && !enough()) rows.add(await endWhole(walk, kept));
  } finally {
    await compiled.close();
  }
  return rows.allHeld() ? 0 : 1;
}

async function walkThrough(walk: Walk, due: readonly Place[], tell: (seen: Seen) => void): Promise<void> {
  for (const [number, phase] of walk.plan.phases.entries()) {
    const here = due.filter((one) => one.phase === number);
    if (here.length === 0 || walk.enough()) continue;
    await goTo(walk, number);
    const stretches = stretchesOf(phase, here);
    if (isLong(phase)) await failOneByOne(walk, stretches, tell);
    else for (const stretch of stretches) await failThrough(walk, stretch, tell);
    await goForward(walk, number);
  }
}

interface Rows {
  /** Whether a step is to be tried now. */
  due(step: Known): boolean;
  add(this: void, seen: Seen): void;
  allHeld(): boolean;
}

function tableOf(procedure: Procedure, steps: readonly Known[], revision: string): Rows {
  const again = new RegExp(values.again ?? '^$');
  const { table } = procedure;
  let rows: Row[] = keptRows(table).filter(({ step, held }) => held && !again.test(step));
  return {
    due: (one) =>
      new RegExp(values.only).test(one.step) &&
      steps.some((step) => same(step, one)) &&
      !rows.some((row) => same(row, one)),
    add: (seen) => {
      rows = [...rows, { ...seen, revision }];
      process.stdout.write(`${JSON.stringify(rows.at(-1))}\n`);
      keepTable({ table, about: aboutOf(procedure), rows, steps });
    },
    allHeld: () => rows.every(({ held }) => held),
  };
}
