import type { Standing, UndoResult } from '../../model/record.js';
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
