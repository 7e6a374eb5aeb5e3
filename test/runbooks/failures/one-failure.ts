import type { RunState } from '../../../model/states.js';
import type { Chance } from '../../chaos/chance.js';
import { openCompiled } from '../../chaos/compiled.js';
import type { ClusterLab } from '../gluu-cluster-lab.js';
import { goingBackAlone } from './armed.js';
import { placesOf, type Place } from './rows.js';
import { keep, otherwise } from './state.js';
import { arm, disarm, halt, nameOfFailed } from './walk.js';

/** How a run with one failure ended. */
export interface OneFailure {
  readonly place: Place;
  /** The steps that failed, `step@host`. */
  readonly failed: readonly string[];
  readonly state: RunState;
  /** What is otherwise on the hosts and in their directories than before the run. */
  readonly otherwise: readonly string[];
}

/**
 * Has one step of a runbook fail after its effect, as chance chooses it, and the run go back whole by itself.
 *
 * @param among - what may be chosen; by default every step that changes something
 */
export async function oneFailure(
  { lab, belay, secret }: ClusterLab,
  { runbook, inputs }: { readonly runbook: string; readonly inputs: Readonly<Record<string, unknown>> },
  chance: Chance,
  among: (place: Place) => boolean = () => true,
): Promise<OneFailure> {
  const { plan } = await belay.plan(runbook, inputs);
  const place = chance.pick(placesOf(plan, chance).filter(among));
  process.stdout.write(`${runbook} fails at ${place.step} on ${place.host}\n`);
  const manager = secret('gluu-directory-manager');
  const before = await keep(lab, manager, 'before-a-failure');
  const compiled = await openCompiled(belay);
  try {
    await arm(lab, [place]);
    const run = await compiled.start(goingBackAlone(plan));
    const { state } = await halt({ belay, run }, plan.phases.length);
    await disarm(lab);
    const failed = await nameOfFailed(belay, run);
    return { place, failed, state, otherwise: await otherwise(lab, manager, before) };
  } finally {
    await compiled.close();
  }
}
