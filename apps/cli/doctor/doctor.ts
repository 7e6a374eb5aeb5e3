import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import { say, type World } from '../world.js';
import { build, cLibrary, clock, node, packages } from './checkout.js';
import type { Examination, Finding } from './finding.js';
import { data, disk, lab, memory, system } from './machine.js';
import { ports, postgres, temporal } from './servers.js';

/** Everything that is looked at, in the order in which it is told. */
const examinations: readonly Examination[] = [
  system,
  cLibrary,
  node,
  packages,
  build,
  postgres,
  temporal,
  data,
  ports,
  disk,
  memory,
  clock,
  lab,
];

/** `belay doctor`: says what is missing and how to put it right. */
export function registerDoctor(program: Command, world: World): void {
  program
    .command('doctor')
    .description('check all that Belay needs, and say how to put right what is wrong')
    .action(async () => {
      const findings = await examine(world.environment);
      for (const finding of findings) say(world, line(finding));
      if (findings.some(({ state }) => state === 'wrong')) world.exitWith(exitCodes.error);
    });
}

/** Looks at everything, whatever is found. */
export async function examine(variables: NodeJS.ProcessEnv): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const examination of examinations) findings.push(await examination(variables));
  return findings;
}

const marks = { ok: 'ok    ', advice: 'note  ', wrong: 'WRONG ' };

function line({ about, state, found, remedy }: Finding): string {
  return `${marks[state]} ${about.padEnd(12)} ${found}${remedy === undefined ? '' : `\n${' '.repeat(20)}-> ${remedy}`}`;
}
