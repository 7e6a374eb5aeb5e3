import { afterAll, beforeAll } from 'vitest';
import type { Description } from '../../lab/description.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from './belay.js';

/** A lab, and Belay beside it. */
export interface Stage {
  readonly lab: Lab;
  readonly belay: Belay;
}

/** Sets a stage for the tests of one `describe`: it stands before the first and is gone after the last. */
export function setStage(name: string, description: Description): Stage {
  const stage: { lab?: Lab; belay?: Belay } = {};
  beforeAll(async () => {
    stage.lab = await labUp({ name, description });
    stage.belay = await startBelay(stage.lab);
  }, 600_000);
  afterAll(async () => {
    await stage.belay?.stop();
    await labDown(name);
  }, 120_000);
  return stage as Stage;
}
