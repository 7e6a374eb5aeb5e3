import type { Command } from 'commander';

/** Adds commands to the program. Every command file, and those of set-up and lab, exports one such function. */
export type Register = (program: Command) => void;
