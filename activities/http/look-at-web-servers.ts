import { Failed } from '../../model/failure.js';
import {
  lookAway,
  type AwayLookNeeds,
  type AwayLookRequest,
  type AwayTask,
  type Seen,
} from '../../model/live/look-away.js';
import { checkOnce } from './check.js';
import type { HttpNeeds } from './needs.js';
import { readyOperation } from './ready-request.js';

export interface HttpLookNeeds extends AwayLookNeeds<'http'>, Pick<HttpNeeds, 'allowed' | 'limits'> {}

/** What workflows may ask of web servers for a live plan. */
export interface HttpLooks {
  /** Asks the checks of a plan's requests and nothing else; gives how many tasks were looked at. */
  lookAtWebServers(request: AwayLookRequest): Promise<number>;
}

/** Binds it to what it needs. */
export function createHttpLooks(needs: HttpLookNeeds): HttpLooks {
  return {
    lookAtWebServers: async (request) => lookAway(needs, 'http', request, async (task) => lookAt(needs, task)),
  };
}

async function lookAt(needs: HttpLookNeeds, { step, host, operation, values }: AwayTask<'http'>): Promise<Seen> {
  const { request, check } = readyOperation(operation, values);
  const said = `${request.method} ${request.url.href}`;
  if (request.method === 'GET' || request.method === 'HEAD')
    return { state: 'would_run', because: `${said}; it only asks` };
  if (!check) return { state: 'would_run', because: `${said}; it has no check` };
  const trying = { tried: `to look what ${step.name} (${step.id}) would do for ${host}` };
  const checked = await checkOnce(needs, check, trying, AbortSignal.timeout(needs.limits.grace));
  if (checked.so === undefined) throw new Failed(checked.failure);
  if (checked.so) return { state: 'already_so' };
  return { state: 'would_change', because: `${said}; now the check is answered with ${checked.problem}` };
}
