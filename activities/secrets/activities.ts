import type { Standing, UndoResult } from '../../model/record.js';
import { runAway, undoAway } from '../../model/task/away.js';
import type { AwayRequest, AwayUndoRequest } from '../../model/task/away-needs.js';
import { giveBack } from './give-back.js';
import type { SecretNeeds } from './needs.js';
import { promote } from './promote.js';

/** What workflows may ask of the store of secrets. */
export interface SecretActivities {
  /** One step for the hosts of a wave, one after another; one small standing a host. */
  runSecretStep(request: AwayRequest): Promise<Standing[]>;
  /** One step back for the hosts of a barrier; one small result a host. */
  undoSecretStep(request: AwayUndoRequest): Promise<UndoResult[]>;
}

/** Binds the activities to what they need. */
export function createSecretActivities(needs: SecretNeeds): SecretActivities {
  return {
    runSecretStep: async (request) => runAway(needs, request, async (attempt) => promote(needs, attempt)),
    undoSecretStep: async (request) => undoAway(needs, request, async (undo) => giveBack(needs, undo)),
  };
}
