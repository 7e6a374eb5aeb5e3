import { onlyReads, type Plan } from '../../../model/plan.js';
import type { Chance } from '../../chaos/chance.js';
import { isLong } from './stretches.js';

/** A step that changes something, and the one host on which it is to fail. */
export interface Place {
  /** Number of the phase in the plan. */
  readonly phase: number;
  readonly step: string;
  readonly host: string;
}

/** Stands for a step in the row about the run that has gone through the failures of all, to its end and back. */
export const wholeRun = { phase: '—', step: 'the whole run' };

/** What was seen of one failure. */
export interface Row extends Omit<Place, 'phase'> {
  /** Name of the phase. */
  readonly phase: string;
  /** What the run said, and how it stood then. */
  readonly said: string;
  /** What gluu/verify said of the cluster as the run had left it there. */
  readonly verify: string;
  /** How the phase went back, and what was otherwise than before it. */
  readonly back: string;
  /** Whether all was as it has to be. */
  readonly held: boolean;
  /** Beginning of the runbook's revision, which covers its fragments and the files that its steps read. */
  readonly revision: string;
}

/** Every step of the plan that changes something, in the plan's order, each on a host that chance has chosen. */
export function placesOf(plan: Plan, chance: Chance): Place[] {
  return plan.phases.flatMap((planned, phase) => {
    const { steps, waves } = planned;
    // One host for as many steps of a phase as it has: of several, another one might fail first. In a long phase one of the
    // first wave: from a later one, going back to a step would take back also what the waves before have done.
    const hosts = isLong(planned) ? waves.flatMap((wave) => chance.shuffled(wave)) : chance.shuffled(waves.flat());
    return steps
      .filter((step) => !onlyReads(step))
      .flatMap(({ id, tasks }) => {
        const host = hosts.find((one) => one in tasks);
        return host === undefined ? [] : [{ phase, step: id, host }];
      });
  });
}
