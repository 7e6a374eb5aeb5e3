import { registerHost } from './commands/host.js';
import { registerLint } from './commands/lint.js';
import { registerLogs } from './commands/logs.js';
import { registerMetrics } from './commands/metrics.js';
import { registerPlan } from './commands/plan.js';
import { registerRun } from './commands/run.js';
import { registerSecret } from './commands/secret.js';
import { registerCompletion } from './completion/completion.js';
import { registerDemo } from './demo/demo.js';
import { registerDoctor } from './doctor/doctor.js';
import { registerBench, registerChaos, registerLab, registerMutation } from './own-programs.js';
import type { Register } from './program.js';
import { registerSelftest } from './selftest/selftest.js';
import { registerUp } from './up/up.js';

/** Every command, in the order in which help shows them. */
export const commands: readonly Register[] = [
  registerLint,
  registerPlan,
  registerRun,
  registerHost,
  registerLogs,
  registerMetrics,
  registerSecret,
  registerDemo,
  registerUp,
  registerDoctor,
  registerLab,
  registerChaos,
  registerMutation,
  registerSelftest,
  registerBench,
  registerCompletion,
];
