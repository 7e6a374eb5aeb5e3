import { Failed } from '../failure.js';
import type { Operation } from '../operation.js';
import { operationOf, type Plan, type PlannedStep } from '../plan.js';
import type { AwayLife, AwayValues } from '../task/away-needs.js';
import type { Look } from './look.js';

type Place = Operation['on'];
type OperationOn<P extends Place> = Extract<Operation, { on: P }>;
export type Seen = Omit<Look, 'step' | 'host'>;

/** The steps of a live plan that act in one place outside of hosts. */
export interface AwayLookRequest {
  readonly live: string;
  readonly planHash: string;
}

/** What looking at such a place needs of the rest of Belay. */
export interface AwayLookNeeds<P extends Place> {
  alive(): AwayLife;
  readPlan(hash: string): Promise<Plan>;
  /** The task's values before the run, or the steps that must run before they are known. */
  previewValues(
    plan: Plan,
    step: PlannedStep,
    host: string,
    operation: OperationOn<P>,
  ): Promise<AwayValues | { readonly before: readonly string[] }>;
  masked(text: string, secrets: readonly string[]): string;
  keepLooks(live: string, looks: readonly Look[]): Promise<void>;
}

/** One task that is looked at, with its values. */
export interface AwayTask<P extends Place> {
  readonly plan: Plan;
  readonly step: PlannedStep;
  readonly host: string;
  readonly operation: OperationOn<P>;
  readonly values: AwayValues;
}

/**
 * Looks at every task of a plan that acts in one place, in the plan's order, and keeps what it would do.
 *
 * @returns how many tasks were looked at
 */
export async function lookAway<P extends Place>(
  needs: AwayLookNeeds<P>,
  place: P,
  { live, planHash }: AwayLookRequest,
  lookAt: (task: AwayTask<P>) => Promise<Seen>,
): Promise<number> {
  const life = needs.alive();
  try {
    const plan = await needs.readPlan(planHash);
    const looks: Look[] = [];
    for (const { step, host, operation } of tasksOf(plan, place)) {
      const seen = await life.unlessDetached(lookOnce(needs, { plan, step, host, operation }, lookAt));
      looks.push({ step: step.id, host, ...seen });
    }
    await needs.keepLooks(live, looks);
    return looks.length;
  } finally {
    life.end();
  }
}

function tasksOf<P extends Place>(plan: Plan, place: P): Pick<AwayTask<P>, 'step' | 'host' | 'operation'>[] {
  return plan.phases.flatMap(({ steps, waves }) =>
    waves.flatMap((hosts) =>
      steps.flatMap((step) =>
        hosts.flatMap((host) => {
          const operation = operationOf(step, host);
          return operation?.on === place ? [{ step, host, operation: operation as OperationOn<P> }] : [];
        }),
      ),
    ),
  );
}

async function lookOnce<P extends Place>(
  needs: AwayLookNeeds<P>,
  task: Omit<AwayTask<P>, 'values'>,
  lookAt: (task: AwayTask<P>) => Promise<Seen>,
): Promise<Seen> {
  try {
    const values = await needs.previewValues(task.plan, task.step, task.host, task.operation);
    if ('before' in values) return { state: 'not_known', before: values.before };
    if (!values.when) return { state: 'skipped', because: 'its `when` does not hold' };
    const seen = await lookAt({ ...task, values });
    return seen.because === undefined ? seen : { ...seen, because: needs.masked(seen.because, values.secrets) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const { kind, known } = error.failure;
    const away = kind.endsWith('/unreachable') || kind.startsWith('host/');
    return { state: away ? 'unreachable' : 'refused', because: `${kind}: ${known}` };
  }
}
