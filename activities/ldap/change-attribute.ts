import { Failed, type Failure } from '../../model/failure.js';
import type { LdapOperation } from '../../model/operation.js';
import type { Intent, TaskName } from '../../model/record.js';
import type { Ending } from '../../model/states.js';
import type { EarlierIntent } from '../../model/task/beginning.js';
import type { Text, Value } from '../../model/value.js';
import { openDirectory, type Present } from './directory.js';
import type { LdapNeeds, LdapValues, LdapWork } from './needs.js';
import { imageOf, newChange, openChange, sealChange, type LdapChange } from './sealed-change.js';
import { swapValue, type Swapped } from './swap.js';
import { failed, targetOf, type Target } from './target.js';

/** One try of one task. */
export interface LdapAttempt {
  readonly name: TaskName;
  readonly attempt: number;
  readonly holder: number;
  /** What is so afterwards, in words. */
  readonly step: string;
  readonly work: LdapWork;
  readonly cancelled: AbortSignal;
}

/** What names an attempt in messages, and what it would do. */
type Named = Pick<LdapAttempt, 'name' | 'attempt' | 'step' | 'work'>;

/** How an attempt came out, before it is written down. */
export interface LdapOutcome {
  readonly ending: Ending;
  readonly summary: string;
  readonly failure?: Failure;
  readonly preImage?: string;
  readonly postImage?: string;
}

const harmless: readonly (Ending | undefined)[] = ['ok', 'refused', 'unreachable', 'skipped'];

/** Whether a request of this task may have been carried out already: then what it found before must not be read anew. */
export function mayHaveChanged(intents: readonly EarlierIntent[]): boolean {
  return intents.some((intent) => !harmless.includes(intent.ending));
}

/** One attempt, from wherever the records say that it stands. */
export async function changeAttribute(needs: LdapNeeds, attempt: LdapAttempt): Promise<LdapOutcome> {
  const acted = mayHaveChanged(attempt.work.intents);
  try {
    const values = await needs.values(attempt.name, attempt.work.operation);
    if (!values.when && !acted) return { ending: 'skipped', summary: 'its `when` does not hold' };
    const target = targetOf(attempt.work.operation, values);
    return acted ? await takeUp(needs, attempt, target) : await begin(needs, attempt, target, values);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return withFailure(acted ? 'unknown' : nothingEnding(error.failure), error.failure);
  }
}

/** Reads, computes, keeps the pre-image with the intent, and only then asks for the change. */
async function begin(needs: LdapNeeds, attempt: LdapAttempt, target: Target, values: LdapValues): Promise<LdapOutcome> {
  const before = onlyValue(attempt, target, await readOnce(needs, target));
  const intended = Buffer.from(compute(needs, attempt, values, before), 'utf8');
  if (intended.equals(before)) return { ending: 'ok', summary: 'already so' };
  const change = newChange(target, before, intended);
  const standing = await needs.keepPreImage(intentOf(attempt), await sealChange(needs, change));
  return carryOut(needs, attempt, target, await openChange(needs, standing), false);
}

/** An earlier request may have been carried out: only what is there now can tell. */
async function takeUp(needs: LdapNeeds, attempt: LdapAttempt, target: Target): Promise<LdapOutcome> {
  const kept = await needs.readPreImage(attempt.name);
  if (!kept)
    throw failed(
      'step/outcome-unknown',
      triedOf(attempt, target),
      'what was there before is not in the records',
      'look at the entry; then skip or undo',
    );
  const standing = await needs.keepPreImage(intentOf(attempt), kept);
  return carryOut(needs, attempt, target, await openChange(needs, standing), true);
}

async function carryOut(
  needs: LdapNeeds,
  attempt: LdapAttempt,
  target: Target,
  change: LdapChange,
  uncertain: boolean,
): Promise<LdapOutcome> {
  const swapped = await swapValue(needs, {
    target,
    from: change.before,
    to: change.intended,
    uncertain,
    tried: triedOf(attempt, target),
    holds: async () => needs.holds(attempt.name, attempt.holder),
    cancelled: attempt.cancelled,
  });
  return outcomeOf(attempt, swapped, change, uncertain);
}

function outcomeOf({ work }: LdapAttempt, swapped: Swapped, change: LdapChange, uncertain: boolean): LdapOutcome {
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

function withFailure(ending: Ending, failure: Failure): LdapOutcome {
  return { ending, summary: failure.known, failure };
}

function nothingEnding(failure: Failure): Ending {
  return failure.kind === 'ldap/unreachable' ? 'unreachable' : 'refused';
}

export async function readOnce(needs: Pick<LdapNeeds, 'limits'>, target: Target): Promise<Present> {
  const directory = await openDirectory(target, needs.limits);
  try {
    return await directory.read();
  } finally {
    await directory.close();
  }
}

/** @throws Failed where there is not exactly one value */
export function onlyValue(attempt: Named, target: Target, present: Present): Buffer {
  const [value, ...more] = present.values;
  if (value && more.length === 0) return value;
  const known = !present.entry
    ? 'there is no such entry'
    : value
      ? `${target.attribute} has ${present.values.length} values, not one`
      : `the entry has no ${target.attribute}`;
  throw failed(
    'ldap/no-entry',
    triedOf(attempt, target),
    `${known}; nothing was changed`,
    'correct entry and attribute, and see what the login may read',
  );
}

/** @throws Failed where the value is no JSON, or the pointers do not fit it */
export function compute(
  needs: Pick<LdapNeeds, 'setInJson'>,
  attempt: Named,
  values: LdapValues,
  before: Buffer,
): string {
  const text = before.toString('utf8');
  const tried = `${attempt.step} (${attempt.name.step}) for ${attempt.name.host}`;
  const next = 'correct the runbook or the entry, then retry';
  if (!Buffer.from(text, 'utf8').equals(before))
    throw failed('step/transform-failed', tried, 'the value is no text; nothing was changed', next);
  try {
    return needs.setInJson(
      text,
      attempt.work.operation.set.map(({ pointer, value }) => ({ pointer, value: filled(value, values) })),
    );
  } catch (error) {
    // Only the transform's own errors are known to hold no part of the value.
    const why = error instanceof Error && error.name === 'JsonTextError' ? error.message : 'the value cannot be set';
    throw failed('step/transform-failed', tried, `${why}; nothing was changed`, next);
  }
}

function filled(value: Text | Value, values: LdapValues): Value {
  return isTemplate(value) ? values.fill(value).value : (value as Value);
}

export function isTemplate(value: Text | Value): value is Exclude<Text, string> {
  return typeof value === 'object' && value !== null && 'template' in value && Array.isArray(value.template);
}

/** Servers keep no journal of ours: nonce and boot id are empty. */
function intentOf({ name, attempt, holder }: LdapAttempt): Intent {
  return { ...name, attempt, holder, nonce: '', bootId: '', part: 'do', undo: 0 };
}

function summaryOf({ attribute, set }: LdapOperation): string {
  return `set ${set.map(({ pointer }) => pointer).join(', ')} in ${attribute}`;
}

function triedOf({ name, attempt, step }: Named, target: Target): string {
  return `${step} (${name.step}) for ${name.host}, attempt ${attempt}: ${target.attribute} of ${target.entry} at ${target.url}`;
}
