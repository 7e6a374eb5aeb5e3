import { Failed, type Failure } from '../../model/failure.js';
import type { UndoResult } from '../../model/record.js';
import { mayHaveChanged } from './change-entry.js';
import type { LdapNeeds, LdapUndoRequest, LdapUndoWork } from './needs.js';
import { openChange, type SealedChange } from './sealed-change.js';
import { swapStates, type Swapped } from './swap.js';
import { failed, targetOf } from './target.js';

type WentBack = Omit<UndoResult, 'step' | 'host'>;

/**
 * One LDAP step back for the hosts of a barrier, in the opposite order: where several hosts changed one entry in
 * turn, the later change goes first. Safe to repeat at any point; a cancel does not reach it.
 */
export async function undoLdapStep(needs: LdapNeeds, request: LdapUndoRequest): Promise<UndoResult[]> {
  const life = needs.alive();
  try {
    const work = await needs.readUndo(request);
    const begun = await needs.beginUndoAttempts(request.run, request.undo, request.step, request.hosts);
    const results: UndoResult[] = [];
    for (const { host, holder } of begun.toReversed()) {
      const result = {
        step: request.step,
        host,
        ...(await life.unlessDetached(goBack(needs, request, work, host, holder))),
      };
      await needs.writeUndoResults(request.run, request.undo, [result]);
      results.push(result);
    }
    return results;
  } finally {
    life.end();
  }
}

async function goBack(
  needs: LdapNeeds,
  request: LdapUndoRequest,
  work: LdapUndoWork,
  host: string,
  holder: number,
): Promise<WentBack> {
  const ours = work.hosts.get(host);
  if (!ours) throw new Error(`step ${request.step} has no operation for host ${host}`);
  if (!mayHaveChanged(ours.intents)) return { outcome: 'undone', summary: 'it had changed nothing' };
  if (work.none !== undefined) return { outcome: 'left', summary: `cannot be undone: ${work.none}` };
  try {
    return await restore(needs, request, work, host, holder);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return withFailure(error.failure.kind === 'undo/impossible' ? 'decide' : 'undo_failed', error.failure);
  }
}

/** The old value is put back by the same compare-and-set, the other way round. */
async function restore(
  needs: LdapNeeds,
  request: LdapUndoRequest,
  work: LdapUndoWork,
  host: string,
  holder: number,
): Promise<WentBack> {
  const name = { run: request.run, step: request.step, host };
  const tried = `to undo ${work.name} (${request.step}) for ${host}`;
  const { operation } = work.hosts.get(host) ?? { operation: undefined };
  const sealed = await needs.readPreImage(name);
  if (!sealed || !operation)
    throw failed(
      'undo/impossible',
      tried,
      'what was there before is not in the records; nothing was changed by this undo',
      'put the entry right by hand, then `skip`',
    );
  const change = await openChange(needs, sealed);
  const { entry, view } = change;
  const target = { ...targetOf(operation, await needs.values(name, operation)), entry };
  const swapped = await swapStates(needs, {
    target,
    view,
    from: change.intended,
    to: change.before,
    uncertain: false,
    tried: `${tried}: ${entry} at ${target.url}`,
    holds: async () => needs.holds(name, holder),
    cancelled: new AbortController().signal,
  });
  return wentBack(swapped, change);
}

function wentBack(swapped: Swapped, change: SealedChange): WentBack {
  switch (swapped.how) {
    case 'there':
      return {
        outcome: 'undone',
        summary: whatIsSo(change, swapped.sent),
      };
    case 'other':
      return withFailure('decide', { ...swapped.failure, kind: 'undo/changed-since' });
    case 'gone':
      return withFailure('undo_failed', { ...swapped.failure, kind: 'undo/not-restored' });
    case 'unknown':
      return withFailure(swapped.failure.kind === 'ldap/changed-since' ? 'decide' : 'undo_failed', swapped.failure);
    case 'nothing':
      return withFailure('undo_failed', swapped.failure);
  }
}

function withFailure(outcome: 'decide' | 'undo_failed', failure: Failure): WentBack {
  return { outcome, failure, summary: failure.known };
}

function whatIsSo({ view, before, intended }: SealedChange, sent: boolean): string {
  if (before === 'absent') return sent ? 'the entry is gone again' : 'the entry was not there';
  if (intended === 'absent')
    return sent ? 'the entry was made anew, with a new entryUUID' : 'the entry was there, as before';
  const attributes = view.map(({ name }) => name).join(', ');
  return sent ? `${attributes}: its old value again` : `${attributes}: had its old value`;
}
