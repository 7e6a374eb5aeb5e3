import type { Plan } from '../../model/plan.js';
import {
  lookAway,
  type AwayLookNeeds,
  type AwayLookRequest,
  type AwayTask,
  type Seen,
} from '../../model/live/look-away.js';
import { openConnection } from './connection.js';
import type { SqlNeeds, SqlPlace } from './needs.js';
import { readyOperation, type ReadyOperation } from './ready-operation.js';
import { isSo, lookOnly } from './transaction.js';

export interface SqlLookNeeds extends AwayLookNeeds<'sql'>, Pick<SqlNeeds, 'limits'> {
  /** A stream from a host of a plan to a place. @throws Failed */
  plannedWay(plan: Plan, host: string, to: SqlPlace): ReturnType<SqlNeeds['way']>;
}

/** What workflows may ask of databases for a live plan. */
export interface SqlLooks {
  /** Asks the checks of a plan's statements, which may only read, and nothing else. */
  lookAtDatabases(request: AwayLookRequest): Promise<number>;
}

/** Binds it to what it needs. */
export function createSqlLooks(needs: SqlLookNeeds): SqlLooks {
  return { lookAtDatabases: async (request) => lookAway(needs, 'sql', request, async (task) => lookAt(needs, task)) };
}

async function lookAt(needs: SqlLookNeeds, { plan, step, host, operation, values }: AwayTask<'sql'>): Promise<Seen> {
  const tried = `to look what ${step.name} (${step.id}) would do for ${host}`;
  const trying = { tried, secrets: values.secrets };
  const ready = readyOperation(operation, values, trying);
  const said = wordsOf(ready);
  if (!ready.check) return { state: 'would_run', because: `${said}; it has no check` };
  const way: SqlNeeds['way'] = async (task, to) => needs.plannedWay(plan, task.host, to);
  const name = { run: '', step: step.id, host };
  const stop = AbortSignal.timeout(needs.limits.grace);
  const connection = await openConnection({ way, limits: needs.limits }, name, ready.server, trying, stop);
  try {
    await lookOnly(connection, ready.server, trying);
    if (await isSo(connection, ready.check, trying)) return { state: 'already_so' };
    return { state: 'would_change', because: `${said}; now the check does not hold` };
  } finally {
    connection.close();
  }
}

function wordsOf({ statements, server }: ReadyOperation): string {
  return `${statements.length} ${statements.length === 1 ? 'statement' : 'statements'} in ${server.database}`;
}
