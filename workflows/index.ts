export { livePlan } from './live-plan.js';
export { phase } from './phase.js';
export { runbook } from './runbook.js';
export { undo } from './undo.js';
export { hostCheck, hostClean, hostKey, hostScan, quiet } from './hosts.js';
