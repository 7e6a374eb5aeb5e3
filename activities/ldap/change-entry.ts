import { Failed, type Failure } from '../../model/failure.js';
import type { LdapOperation } from '../../model/operation.js';
import type { Ending } from '../../model/states.js';
import { awayIntent, mayHaveChanged, type AwayOutcome } from '../../model/task/away.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import { openDirectory } from './directory.js';
import { sameState } from './entry-state.js';
import { intend, type Intended } from './intend.js';
import type { LdapAttempt, LdapNeeds } from './needs.js';
import { imageOf, newChange, openChange, sealChange, type SealedChange } from './sealed-change.js';
import { searchEntries } from './search-entries.js';
import { seeMarker } from './see-marker.js';
import { swapStates, type Swapped } from './swap.js';
import { failed, targetOf, type Target } from './target.js';

type EntryChange = Exclude<LdapOperation['change'], { how: 'marker' | 'search' }>;

/** One attempt, from wherever the records say that it stands. */
export async function changeEntry(needs: LdapNeeds, attempt: LdapAttempt): Promise<AwayOutcome> {
  const acted = mayHaveChanged(attempt.work.intents);
  try {
    const values = await needs.values(attempt.name, attempt.work.operation);
    if (!values.when && !acted) return { ending: 'skipped', summary: 'its `when` does not hold' };
    const target = targetOf(attempt.work.operation, values);
    const { change } = attempt.work.operation;
    if (change.how === 'marker') return await seeMarker(needs, attempt, change, target, values, acted);
    if (change.how === 'search') return await searchEntries(needs, change, target, values, triedOf(attempt, target));
    return acted ? await takeUp(needs, attempt, target) : await begin(needs, attempt, change, target, values);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return withFailure(acted ? 'unknown' : nothingEnding(error.failure), error.failure);
  }
}

/** Reads, computes, keeps the pre-image with the intent, and only then asks for the change. */
async function begin(
  needs: LdapNeeds,
  attempt: LdapAttempt,
  change: EntryChange,
  target: Target,
  values: AwayValues,
): Promise<AwayOutcome> {
  const found = await readAndIntend(needs, attempt, change, target, values);
  if (sameState(found.before, found.intended)) return { ending: 'ok', summary: 'already so' };
  const standing = await needs.keepPreImage(
    awayIntent(attempt),
    await sealChange(needs, newChange({ ...target, ...found }, found)),
  );
  return carryOut(needs, attempt, target, await openChange(needs, standing), false);
}

async function readAndIntend(
  needs: LdapNeeds,
  attempt: LdapAttempt,
  change: EntryChange,
  target: Target,
  values: AwayValues,
): Promise<Intended> {
  const directory = await openDirectory(target, needs.limits);
  try {
    return await intend(change, directory, {
      needs,
      target,
      values,
      tried: triedOf(attempt, target),
    });
  } finally {
    await directory.close();
  }
}

/** An earlier request may have been carried out: only what is there now can tell. */
async function takeUp(needs: LdapNeeds, attempt: LdapAttempt, target: Target): Promise<AwayOutcome> {
  const kept = await needs.readPreImage(attempt.name);
  if (!kept)
    throw failed(
      'step/outcome-unknown',
      triedOf(attempt, target),
      'what was there before is not in the records',
      'look at the entry; then skip or undo',
    );
  const standing = await needs.keepPreImage(awayIntent(attempt), kept);
  return carryOut(needs, attempt, target, await openChange(needs, standing), true);
}

async function carryOut(
  needs: LdapNeeds,
  attempt: LdapAttempt,
  target: Target,
  change: SealedChange,
  uncertain: boolean,
): Promise<AwayOutcome> {
  const swapped = await swapStates(needs, {
    target: { ...target, entry: change.entry },
    view: change.view,
    from: change.before,
    to: change.intended,
    uncertain,
    tried: triedOf(attempt, target),
    holds: async () => needs.holds(attempt.name, attempt.holder),
    cancelled: attempt.cancelled,
  });
  return outcomeOf(attempt, swapped, change, uncertain);
}

function outcomeOf({ work }: LdapAttempt, swapped: Swapped, change: SealedChange, uncertain: boolean): AwayOutcome {
  const preImage = imageOf(change, change.before);
  switch (swapped.how) {
    case 'there':
      return {
        ending: 'done',
        summary: `${summaryOf(work.operation)}${uncertain ? ', found so when it was taken up again' : ''}`,
        preImage,
        postImage: imageOf(change, change.intended),
      };
    case 'nothing':
      return withFailure(nothingEnding(swapped.failure), swapped.failure);
    case 'other':
      return withFailure('refused', swapped.failure);
    case 'gone':
      return { ...withFailure('partial', swapped.failure), preImage };
    case 'unknown':
      return { ...withFailure('unknown', swapped.failure), preImage };
  }
}

function withFailure(ending: Ending, failure: Failure): AwayOutcome {
  return { ending, summary: failure.known, failure };
}

function nothingEnding(failure: Failure): Ending {
  return failure.kind === 'ldap/unreachable' ? 'unreachable' : 'refused';
}

function summaryOf({ change }: LdapOperation): string {
  switch (change.how) {
    case 'json':
      return `set ${change.set.map(({ pointer }) => pointer).join(', ')} in ${change.attribute}`;
    case 'values': {
      const { set, add, remove } = change;
      return `changed ${[...new Set([set, add, remove].flatMap((one) => Object.keys(one)))].join(', ')}`;
    }
    case 'present':
      return `the entry is there, with ${Object.keys(change.attributes).join(', ')}`;
    case 'absent':
      return 'the entry is gone';
    case 'schema':
      return 'the definitions are there';
    case 'marker':
      return 'the marker is there';
    case 'search':
      return 'entries were read';
  }
}

function triedOf({ name, attempt, step, work }: LdapAttempt, target: Target): string {
  const { change } = work.operation;
  const what = change.how === 'json' ? `${change.attribute} of ` : '';
  return `${step.name} (${name.step}) for ${name.host}, attempt ${attempt}: ${what}${target.entry} at ${target.url}`;
}
