import { Failed } from '../../model/failure.js';
import type { Look } from '../../model/live/look.js';
import type { LdapOperation } from '../../model/operation.js';
import { operationOf, type Plan, type PlannedStep } from '../../model/plan.js';
import { maskJson, readPointer } from '../../model/transforms/json-text.js';
import { holdsSecret, type Value } from '../../model/value.js';
import { compute, isTemplate, onlyValue, readOnce } from './change-attribute.js';
import type { LdapNeeds, LdapValues } from './needs.js';
import { targetOf, type Target } from './target.js';

/** The directory steps of a live plan. */
export interface LdapLookRequest {
  readonly live: string;
  readonly planHash: string;
}

export interface LdapLookNeeds extends Pick<LdapNeeds, 'alive' | 'limits' | 'setInJson'> {
  readPlan(hash: string): Promise<Plan>;
  /** The task's values before the run, or the steps that must run before they are known. */
  previewValues(
    plan: Plan,
    step: PlannedStep,
    host: string,
    operation: LdapOperation,
  ): Promise<LdapValues | { readonly before: readonly string[] }>;
  masked(text: string, secrets: readonly string[]): string;
  keepLooks(live: string, looks: readonly Look[]): Promise<void>;
}

/** One task of a directory step. */
interface Task {
  readonly step: PlannedStep;
  readonly host: string;
  readonly operation: LdapOperation;
}

type Seen = Omit<Look, 'step' | 'host'>;

/**
 * Reads the entries that a plan would change and keeps what would become otherwise. Hosts of one step often change
 * the same entry, so each is looked at as the ones before it would leave it.
 */
export async function lookAtDirectories(needs: LdapLookNeeds, { live, planHash }: LdapLookRequest): Promise<number> {
  const life = needs.alive();
  try {
    const plan = await needs.readPlan(planHash);
    const values = new Map<string, Buffer>();
    const looks: Look[] = [];
    for (const task of tasksOf(plan)) {
      const seen = await life.unlessDetached(lookAt(needs, plan, task, values));
      looks.push({ step: task.step.id, host: task.host, ...seen });
    }
    await needs.keepLooks(live, looks);
    return looks.length;
  } finally {
    life.end();
  }
}

function tasksOf(plan: Plan): Task[] {
  return plan.phases.flatMap(({ steps, waves }) =>
    waves.flatMap((hosts) =>
      steps.flatMap((step) =>
        hosts.flatMap((host) => {
          const operation = operationOf(step, host);
          return operation?.on === 'ldap' ? [{ step, host, operation }] : [];
        }),
      ),
    ),
  );
}

async function lookAt(needs: LdapLookNeeds, plan: Plan, task: Task, values: Map<string, Buffer>): Promise<Seen> {
  const { step, host, operation } = task;
  try {
    const known = await needs.previewValues(plan, step, host, operation);
    if ('before' in known) return { state: 'not_known', before: known.before };
    if (!known.when) return { state: 'skipped', because: 'its `when` does not hold' };
    return await compared(needs, task, known, values);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const { kind, known } = error.failure;
    return { state: kind === 'ldap/unreachable' ? 'unreachable' : 'refused', because: `${kind}: ${known}` };
  }
}

async function compared(
  needs: LdapLookNeeds,
  { step, host, operation }: Task,
  known: LdapValues,
  values: Map<string, Buffer>,
): Promise<Seen> {
  const target = targetOf(operation, known);
  const place = JSON.stringify([target.url, target.entry.toLowerCase(), target.attribute.toLowerCase()]);
  const named = {
    name: { run: '', step: step.id, host },
    attempt: 1,
    step: step.name,
    work: { operation, intents: [] },
  };
  const before = values.get(place) ?? onlyValue(named, target, await readOnce(needs, target));
  const after = Buffer.from(compute(needs, named, known, before), 'utf8');
  values.set(place, after);
  if (after.equals(before)) return { state: 'already_so' };
  return { state: 'would_change', diff: difference(needs, target, operation, known.secrets, before, after) };
}

/** One hunk a pointer. Of a value that a secret goes into, neither is shown: what was there may be an older secret. */
function difference(
  needs: LdapLookNeeds,
  target: Target,
  { set }: LdapOperation,
  secrets: readonly string[],
  before: Buffer,
  after: Buffer,
): string {
  const name = `${target.attribute} of ${target.entry} at ${target.url}`;
  const hunks = set.flatMap(({ pointer, value }) => {
    const hidden = isTemplate(value) && holdsSecret(value);
    const [was, is] = [readPointer(before.toString('utf8'), pointer), readPointer(after.toString('utf8'), pointer)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    const old = was === undefined ? [] : [`-${shown(was, pointer, hidden)}`];
    return [`@@ ${pointer} @@`, ...old, `+${shown(is ?? null, pointer, hidden)}`];
  });
  return needs.masked([`--- ${name}`, `+++ ${name}`, ...hunks].map((line) => `${line}\n`).join(''), secrets);
}

/** A value as it may be shown: those whose names speak of a secret are masked. */
function shown(value: Value, pointer: string, hidden: boolean): string {
  if (hidden) return '(not shown: a secret goes here)';
  const name = pointer.split('/').at(-1) ?? '';
  return maskJson(JSON.stringify({ [name]: value })).slice(JSON.stringify(name).length + 2, -1);
}
