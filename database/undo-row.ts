import type { EntityManager } from 'typeorm';
import { row } from './query.js';
import { NotAuthorised, UnknownUndo } from './refusals.js';
import type { UndoRow } from './tables/operators.js';
import type { RunRow } from './tables/runs.js';

/** @throws UnknownUndo */
export async function undoRow(manager: EntityManager, run: string, undo: number): Promise<UndoRow> {
  const found = await row<UndoRow>(manager, 'select * from undos where run = $1 and undo = $2', [run, undo]);
  if (!found) throw new UnknownUndo(run, undo);
  return found;
}

/** Backwards only: in a run that is undoing, and for the undo that is open. @throws NotAuthorised, UnknownUndo */
export async function mustBeUndoing(manager: EntityManager, run: RunRow, undo: number): Promise<void> {
  if (run.state !== 'undoing') throw new NotAuthorised(run.run, `it is ${run.state}`);
  if ((await undoRow(manager, run.run, undo)).ended_at !== null)
    throw new NotAuthorised(run.run, `its undo ${undo} has ended`);
}
