import type { Standing, UndoResult } from '../../model/record.js';
import { lookAtDirectories, type LdapLookNeeds, type LdapLookRequest } from './look-at-directories.js';
import type { LdapNeeds, LdapStepRequest, LdapUndoRequest } from './needs.js';
import { runLdapStep } from './run-ldap-step.js';
import { undoLdapStep } from './undo-ldap-step.js';

/** What workflows may ask of directories. */
export interface LdapActivities {
  /** One step for the hosts of a wave, one after another; one small standing a host. */
  runLdapStep(request: LdapStepRequest): Promise<Standing[]>;
  /** One step back for the hosts of a barrier; one small result a host. */
  undoLdapStep(request: LdapUndoRequest): Promise<UndoResult[]>;
}

/** Binds the activities to what they need. */
export function createLdapActivities(needs: LdapNeeds): LdapActivities {
  return {
    runLdapStep: async (request) => runLdapStep(needs, request),
    undoLdapStep: async (request) => undoLdapStep(needs, request),
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
