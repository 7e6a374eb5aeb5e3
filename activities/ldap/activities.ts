import type { Standing, UndoResult } from '../../model/record.js';
import { askingFor, runAway, undoAway } from '../../model/task/away.js';
import type { AwayRequest, AwayUndoRequest } from '../../model/task/away-needs.js';
import { changeEntry } from './change-entry.js';
import { lookAtDirectories, type LdapLookNeeds, type LdapLookRequest } from './look-at-directories.js';
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
    runLdapStep: async (request) =>
      runAway(needs, request, async (attempt) => changeEntry(askingFor(needs, attempt.step), attempt)),
    undoLdapStep: async (request) => undoAway(needs, request, async (undo) => restoreEntry(needs, undo)),
  };
}

/** What live plans may ask of directories. */
export interface LdapLooks {
  /** What a plan would do in directories; nothing is done. Gives how many tasks were looked at. */
  lookAtDirectories(request: LdapLookRequest): Promise<number>;
}

/** Binds it to what it needs. */
export function createLdapLooks(needs: LdapLookNeeds): LdapLooks {
  return { lookAtDirectories: async (request) => lookAtDirectories(needs, request) };
}
