import type { Part } from '../model/operation.js';
import type { TaskName } from '../model/record.js';
import type { Database } from './connect.js';

export interface OutputName extends TaskName {
  readonly attempt: number;
  readonly part: Part | 'present';
  readonly stream: 'stdout' | 'stderr';
  /** For output of an undo: its number, because two undos go back over the same attempt. */
  readonly undo?: number;
}

/** Bytes of output kept a task; the rest is counted. */
export const outputLimit = 256 * 1024 * 1024;

/**
 * Adds output at its place in the stream. Bytes that came before are skipped; above the task's limit bytes are
 * counted and dropped.
 *
 * @throws OutputGap
 */
export async function appendOutput(
  db: Database,
  chunk: OutputName & { readonly offset: number; readonly bytes: Uint8Array },
  limit: number = outputLimit,
): Promise<void> {
  throw new Error('not built yet');
}

/** The byte at which the stream goes on: all that came so far, what was dropped included. */
export async function outputEnd(db: Database, name: OutputName): Promise<number> {
  throw new Error('not built yet');
}

export interface OutputStretch {
  readonly bytes: Uint8Array;
  /** All bytes that the stream has had so far. */
  readonly end: number;
  /** How many of them, at the end, were dropped because the task had reached its limit. */
  readonly dropped: number;
}

/** At most `limit` bytes of a stream from byte `from` on. */
export async function readOutput(db: Database, name: OutputName, from: number, limit: number): Promise<OutputStretch> {
  throw new Error('not built yet');
}

/** Which streams a task has output in, oldest attempt first. */
export async function listOutputs(
  db: Database,
  task: TaskName,
): Promise<(OutputName & { end: number; dropped: number })[]> {
  throw new Error('not built yet');
}
