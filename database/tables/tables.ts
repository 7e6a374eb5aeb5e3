import * as budget from './budget.js';
import * as collected from './collected.js';
import * as live from './live.js';
import * as operators from './operators.js';
import * as runs from './runs.js';
import * as secrets from './secrets.js';
import * as tasks from './tasks.js';
import * as webhook from './webhook.js';

/** Every table; a test compares them with what the migrations make. */
export const tables = [
  ...Object.values(runs),
  ...Object.values(secrets),
  ...Object.values(tasks),
  ...Object.values(operators),
  ...Object.values(live),
  ...Object.values(budget),
  ...Object.values(webhook),
  ...Object.values(collected),
];
