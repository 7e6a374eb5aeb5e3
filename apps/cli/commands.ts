import { registerDoctor } from './doctor/doctor.js';
import { registerLab } from './lab.js';
import type { Register } from './program.js';
import { registerSelftest } from './selftest/selftest.js';
import { registerUp } from './up/up.js';

/** Every command, in the order in which help shows them. */
export const commands: readonly Register[] = [registerUp, registerDoctor, registerLab, registerSelftest];
