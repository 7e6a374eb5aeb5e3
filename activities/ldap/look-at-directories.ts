import { Failed } from '../../model/failure.js';
import type { Look } from '../../model/live/look.js';
import type { LdapOperation } from '../../model/operation.js';
import { operationOf, type Plan, type PlannedStep } from '../../model/plan.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import { openDirectory } from './directory.js';
import { sameState, type State } from './entry-state.js';
import { intend } from './intend.js';
import type { LdapNeeds } from './needs.js';
import { jsonDifference, stateDifference } from './show-difference.js';
import { computeJson } from './intend-json.js';
import { targetOf } from './target.js';

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
  ): Promise<AwayValues | { readonly before: readonly string[] }>;
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
    const left: Left = { json: new Map(), done: new Set() };
    const looks: Look[] = [];
    for (const task of tasksOf(plan)) {
      const seen = await life.unlessDetached(lookAt(needs, plan, task, left));
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

async function lookAt(needs: LdapLookNeeds, plan: Plan, task: Task, left: Left): Promise<Seen> {
  const { step, host, operation } = task;
  try {
    const known = await needs.previewValues(plan, step, host, operation);
    if ('before' in known) return { state: 'not_known', before: known.before };
    if (!known.when) return { state: 'skipped', because: 'its `when` does not hold' };
    return await compared(needs, task, known, left);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const { kind, known } = error.failure;
    return { state: kind === 'ldap/unreachable' ? 'unreachable' : 'refused', because: `${kind}: ${known}` };
  }
}

/** What the tasks before would leave. */
interface Left {
  /** Values with JSON in them, by place. */
  readonly json: Map<string, Buffer>;
  /** Changes of an entry that would have been made. */
  readonly done: Set<string>;
}

async function compared(
  needs: LdapLookNeeds,
  { step, host, operation }: Task,
  known: AwayValues,
  left: Left,
): Promise<Seen> {
  const target = targetOf(operation, known);
  const { change } = operation;
  if (change.how === 'marker') return { state: 'would_change', because: 'it writes a marker and removes it again' };
  if (change.how === 'search') return { state: 'would_run', because: 'it reads, and changes nothing' };
  const about = { needs, target, values: known, tried: `${step.name} (${step.id}) for ${host}` };
  const entry = [target.url, target.entry.toLowerCase()];
  const place = JSON.stringify([...entry, change.how === 'json' ? change.attribute.toLowerCase() : change]);
  const earlier = left.json.get(place);
  if (change.how === 'json' && earlier) {
    const after = Buffer.from(computeJson(change, earlier, about), 'utf8');
    left.json.set(place, after);
    if (after.equals(earlier)) return { state: 'already_so' };
    return { state: 'would_change', diff: jsonDifference(needs, target, change, known.secrets, earlier, after) };
  }
  if (left.done.has(place)) return { state: 'already_so' };
  const directory = await openDirectory(target, needs.limits);
  try {
    const found = await intend(change, directory, about);
    const [before, after] = [found.before, found.intended].map((state) => onlyValueOf(state));
    if (change.how === 'json' && after) left.json.set(place, after);
    else left.done.add(place);
    if (sameState(found.before, found.intended)) return { state: 'already_so' };
    if (change.how === 'json' && before && after)
      return { state: 'would_change', diff: jsonDifference(needs, target, change, known.secrets, before, after) };
    return { state: 'would_change', diff: stateDifference(needs, target, change, known.secrets, found) };
  } finally {
    await directory.close();
  }
}

function onlyValueOf(state: State): Buffer | undefined {
  return state === 'absent' ? undefined : [...state.values()][0]?.[0];
}
