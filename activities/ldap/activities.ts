import type { Standing, UndoResult } from '../../model/record.js';
import { runAway, undoAway } from '../../model/task/away.js';
import type { AwayRequest, AwayUndoRequest } from '../../model/task/away-needs.js';
import { changeEntry } from './change-entry.js';
import type { LdapNeeds } from './needs.js';
import { restoreEntry } from './restore-entry.js';

/** What workflows may ask of directories. */
export interface LdapActivities {
  /** One step for the hosts of a wave, one after another; one small standing a host. */
  runLdapStep(request: AwayRequest): Promise<Standing[]>;
  /** One step back for the hosts of a barrier; one small result a host. */
  undoLdapStep(request: AwayUndoRequest): Promise<UndoResult[]>;
}

/** Binds the activities to what they need. */
export function createLdapActivities(needs: LdapNeeds): LdapActivities {
  return {
    runLdapStep: async (request) => runAway(needs, request, async (attempt) => changeEntry(needs, attempt)),
    undoLdapStep: async (request) => undoAway(needs, request, async (undo) => restoreEntry(needs, undo)),
  };
}
