import type { Standing, UndoResult } from '../../model/record.js';
import { askingFor, runAway, undoAway } from '../../model/task/away.js';
import type { AwayRequest, AwayUndoRequest } from '../../model/task/away-needs.js';
import type { SqlNeeds } from './needs.js';
import { runStatements } from './run-statements.js';
import { takeBack } from './take-back.js';

/** What workflows may ask of databases. */
export interface SqlActivities {
  /** One step for the hosts of a wave, one after another; one small standing a host. */
  runSqlStep(request: AwayRequest): Promise<Standing[]>;
  /** One step back for the hosts of a barrier; one small result a host. */
  undoSqlStep(request: AwayUndoRequest): Promise<UndoResult[]>;
}

/** Binds the activities to what they need. */
export function createSqlActivities(needs: SqlNeeds): SqlActivities {
  return {
    runSqlStep: async (request) =>
      runAway(needs, request, async (attempt) => runStatements(askingFor(needs, attempt.step), attempt)),
    undoSqlStep: async (request) =>
      undoAway(needs, request, async (undo) => takeBack(askingFor(needs, undo.step), request.undo, undo)),
  };
}
