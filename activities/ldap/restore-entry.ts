import { Failed, type Failure } from '../../model/failure.js';
import type { AwayBack } from '../../model/task/away.js';
import type { LdapNeeds, LdapUndo } from './needs.js';
import { openChange, type SealedChange } from './sealed-change.js';
import { swapStates, type Swapped } from './swap.js';
import { openDirectory } from './directory.js';
import type { View } from './entry-state.js';
import { builtUpon } from './intend-schema.js';
import { failed, targetOf, type Target } from './target.js';

/** Puts back what was there before, by the same exchange the other way round. */
export async function restoreEntry(needs: LdapNeeds, undo: LdapUndo): Promise<AwayBack> {
  try {
    return await restore(needs, undo);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return withFailure(error.failure.kind === 'undo/impossible' ? 'decide' : 'undo_failed', error.failure);
  }
}

async function restore(needs: LdapNeeds, { name, holder, step, work }: LdapUndo): Promise<AwayBack> {
  const tried = `to undo ${step.name} (${name.step}) for ${name.host}`;
  const { operation } = work;
  const sealed = await needs.readPreImage(name);
  if (!sealed)
    throw failed(
      'undo/impossible',
      tried,
      'what was there before is not in the records; nothing was changed by this undo',
      'put the entry right by hand, then `skip`',
    );
  const change = await openChange(needs, sealed);
  const { entry, view } = change;
  const target = { ...targetOf(operation, await needs.values(name, operation)), entry };
  const users = view.some((one) => one.definitions) ? await usersOf(needs, target, view) : [];
  if (users.length > 0) return builtOn(tried, users);
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

function wentBack(swapped: Swapped, change: SealedChange): AwayBack {
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

function withFailure(outcome: 'decide' | 'undo_failed', failure: Failure): AwayBack {
  return { outcome, failure, summary: failure.known };
}

function whatIsSo({ view, before, intended }: SealedChange, sent: boolean): string {
  if (before === 'absent') return sent ? 'the entry is gone again' : 'the entry was not there';
  if (intended === 'absent')
    return sent ? 'the entry was made anew, with a new entryUUID' : 'the entry was there, as before';
  const attributes = view.map(({ name }) => name).join(', ');
  return sent ? `${attributes}: its old value again` : `${attributes}: had its old value`;
}

async function usersOf(needs: LdapNeeds, target: Target, view: View): Promise<string[]> {
  const directory = await openDirectory(target, needs.limits);
  try {
    return await builtUpon(view, directory);
  } finally {
    await directory.close();
  }
}

/** slapd would take the definitions out all the same. */
function builtOn(tried: string, users: readonly string[]): AwayBack {
  return withFailure('decide', {
    kind: 'undo/changed-since',
    tried,
    known: `${users.join(', ')} of the schema builds on what would be taken out; nothing was changed by this undo`,
    next: 'take that out first and `retry`, or leave the definitions with `skip`',
  });
}
