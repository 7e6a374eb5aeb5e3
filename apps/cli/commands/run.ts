import type { Command } from 'commander';
import type { Register } from '../program.js';
import type { World } from '../world.js';
import { addAcknowledge } from './run-acknowledge.js';
import { addApprove } from './run-approve.js';
import { addList } from './run-list.js';
import { addOpen } from './run-open.js';
import { addOutput } from './run-output.js';
import { addShow } from './run-show.js';
import { addStart } from './run-start.js';
import { addVerbs } from './run-verbs.js';
import { addWatch } from './run-watch.js';

/** Every `run …` command, in the order in which help shows them. */
const adders: readonly ((run: Command, world: World) => void)[] = [
  addStart,
  addList,
  addShow,
  addWatch,
  addOutput,
  addApprove,
  addVerbs,
  addAcknowledge,
  addOpen,
];

export const registerRun: Register = (program, world) => {
  const run = program.command('run').description('start runs, follow them, and decide about them');
  for (const add of adders) add(run, world);
};
