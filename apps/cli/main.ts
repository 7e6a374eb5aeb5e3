import { Command } from 'commander';
import type { Register } from './register.js';

/**
 * The commands of set-up (`registerUp`, `registerDoctor`, `registerSelftest`, `registerDemo`, `registerLab` of
 * `apps/cli/up`, `apps/cli/doctor`, …) join this list.
 */
const registers: readonly Register[] = [];

const program = new Command('belay');
for (const register of registers) register(program);
await program.parseAsync();
