import type { Standing, UndoResult } from '../../model/record.js';
import { askingFor, runAway, undoAway } from '../../model/task/away.js';
import type { AwayRequest, AwayUndoRequest } from '../../model/task/away-needs.js';
import type { HttpNeeds } from './needs.js';
import { sendRequest } from './send-request.js';
import { takeBack } from './take-back.js';

/** What workflows may ask of servers that speak HTTP. */
export interface HttpActivities {
  /** One step for the hosts of a wave, one after another; one small standing a host. */
  runHttpStep(request: AwayRequest): Promise<Standing[]>;
  /** One step back for the hosts of a barrier; one small result a host. */
  undoHttpStep(request: AwayUndoRequest): Promise<UndoResult[]>;
}

/** Binds the activities to what they need. */
export function createHttpActivities(needs: HttpNeeds): HttpActivities {
  return {
    runHttpStep: async (request) =>
      runAway(needs, request, async (attempt) => sendRequest(askingFor(needs, attempt.step), attempt)),
    undoHttpStep: async (request) => undoAway(needs, request, async (undo) => takeBack(needs, undo)),
  };
}
