import type { EntityManager } from 'typeorm';
import { isFinal } from '../model/moves.js';
import type { UndoScope, VerbOutcome, VerbRecord } from '../model/record.js';
import { moveOf, undoScope, whyNot, type VerbState } from '../model/verb-moves.js';
import { beginUndo, openUndo } from './begin-undo.js';
import type { Database } from './connect.js';
import { canonical } from './digest.js';
import { RunArchived } from './refusals.js';
import { runRow } from './run-row.js';
import type { RunRow } from './tables/runs.js';
import { undoRow } from './undo-row.js';
import { scopeOf, whyNoUndo } from './undo-scope.js';
import { obeyVerb } from './verbs.js';

/** The run has a workflow again, which must hear the word instead. */
class GoesOn extends Error {}

/**
 * Obeys a word about a run that has ended, and so has no workflow: `undo` begins one, every other word is refused. The
 * undo and what became of the word are written in one transaction: once, however often it is tried.
 *
 * @returns the number of the undo that has just begun, whose workflow is to be started; undefined where none has
 * @throws UnknownVerb
 */
export async function obeyEnded(db: Database, id: string): Promise<number | undefined> {
  let begun: number | undefined;
  try {
    await obeyVerb(db, id, async (manager, said, run) => {
      const { outcome, undo } = await undoOf(manager, said, run);
      begun = undo;
      return outcome;
    });
  } catch (error) {
    if (!(error instanceof GoesOn)) throw error;
  }
  return begun;
}

async function undoOf(
  manager: EntityManager,
  said: VerbRecord,
  run: RunRow,
): Promise<{ outcome: VerbOutcome; undo?: number }> {
  const scope = undoScope(said);
  const open = await openUndo(manager, run.run);
  if (open !== undefined) return { outcome: await besideAnother(manager, run, open, scope) };
  if (!isFinal(run.state)) throw new GoesOn();
  const refused = await whyNotEnded(manager, said, run, scope);
  if (refused !== undefined) return { outcome: { accepted: false, because: refused } };
  const undo = await beginUndo(manager, run, said.by, scope);
  const { state, standing } = await runRow(manager, run.run);
  const waits = state === 'waiting' && standing['for'] === 'leases';
  const because = `undo ${undo} ${waits ? String(standing['because']) : 'has begun'}`;
  return { outcome: { accepted: true, because }, undo };
}

/** Somebody else's undo has begun meanwhile: where it takes back the same, both words are obeyed by it. */
async function besideAnother(
  manager: EntityManager,
  { run }: RunRow,
  undo: number,
  scope: UndoScope | undefined,
): Promise<VerbOutcome> {
  const opened = await undoRow(manager, run, undo);
  if (canonical({ scope: scopeOf(opened) ?? null }) === canonical({ scope: scope ?? null }))
    return { accepted: true, because: `undo ${undo} has begun` };
  return { accepted: false, because: `undo ${undo}, of another part of the run, has begun, by ${opened.started_by}` };
}

async function whyNotEnded(
  manager: EntityManager,
  said: VerbRecord,
  { run, state, archived_at: archived }: RunRow,
  scope: UndoScope | undefined,
): Promise<string | undefined> {
  const refused = whyNot(moveOf(said), state as VerbState);
  if (refused !== undefined) return refused;
  if (said.verb !== 'undo') return `the run has ended (${state})`;
  if (archived !== null) return new RunArchived(run).message;
  return scope && whyNoUndo(manager, run, scope);
}
