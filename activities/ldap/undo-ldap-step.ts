import type { UndoResult } from '../../model/record.js';
import type { LdapNeeds, LdapUndoRequest } from './needs.js';

export async function undoLdapStep(_needs: LdapNeeds, _request: LdapUndoRequest): Promise<UndoResult[]> {
  throw new Error('not built yet');
}
