import type { Standing } from '../../model/record.js';
import type { LdapNeeds, LdapStepRequest } from './needs.js';

export async function runLdapStep(_needs: LdapNeeds, _request: LdapStepRequest): Promise<Standing[]> {
  throw new Error('not built yet');
}
