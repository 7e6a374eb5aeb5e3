import type { UndoOutline, UndoResult } from '../model/record.js';
import type { BegunAttempt } from './attempts.js';
import type { Database } from './connect.js';

/**
 * Opens an undo and sets the run undoing; an undo that is open already is given instead.
 *
 * @returns its number
 * @throws UnknownRun, IllegalMove
 */
export async function startUndo(db: Database, run: string, by: string): Promise<number> {
  throw new Error('not built yet');
}

/** @throws UnknownRun, UnknownUndo */
export async function readUndo(db: Database, run: string, undo: number): Promise<UndoOutline> {
  throw new Error('not built yet');
}

/**
 * Takes a holder number for the machine of each host, to undo the step's highest attempt there.
 *
 * @throws NotAuthorised where the run is not undoing or this undo is closed
 */
export async function beginUndoAttempts(
  db: Database,
  run: string,
  undo: number,
  step: string,
  hosts: readonly string[],
): Promise<Omit<BegunAttempt, 'result'>[]> {
  throw new Error('not built yet');
}

/** Writes what hosts came to; a later result replaces an earlier one, save that `undone` stays. */
export async function writeUndoResults(
  db: Database,
  run: string,
  undo: number,
  results: readonly UndoResult[],
): Promise<void> {
  throw new Error('not built yet');
}

/** Closes an undo and moves the run. Doing it twice is harmless. */
export async function finishUndo(
  db: Database,
  run: string,
  undo: number,
  state: 'undone' | 'undo_incomplete',
): Promise<void> {
  throw new Error('not built yet');
}
