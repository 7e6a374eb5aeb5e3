import { plansAndRuns } from './0001-plans-and-runs.js';
import { tasks } from './0002-tasks.js';
import { output } from './0003-output.js';
import { gatesAndVerbs } from './0004-gates-and-verbs.js';
import { secrets } from './0005-secrets.js';
import { undo } from './0006-undo.js';
import { audit } from './0007-audit.js';
import { archive } from './0008-archive.js';
import { turnsAndChanges } from './0009-turns-and-changes.js';
import { waitingAndLooking } from './0010-waiting-and-looking.js';
import { webhook } from './0011-webhook.js';
import { transactions } from './0012-transactions.js';
import { planFiles } from './0013-plan-files.js';
import { openVerbs } from './0014-open-verbs.js';
import { collected } from './0015-collected.js';
import { secretHeads } from './0016-secret-heads.js';
import type { Migration } from './migration.js';

/** All migrations, in order. The list only grows. */
export const migrations: readonly Migration[] = [
  plansAndRuns,
  tasks,
  output,
  gatesAndVerbs,
  secrets,
  undo,
  audit,
  archive,
  turnsAndChanges,
  waitingAndLooking,
  webhook,
  transactions,
  planFiles,
  openVerbs,
  collected,
  secretHeads,
];
