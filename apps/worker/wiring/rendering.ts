import type { Authority } from '../../../activities/certificates/sign.js';
import type { Filler, Rendered } from '../../../activities/ssh/needs.js';
import type { Facts } from '../../../activities/ssh/session.js';
import type { Database } from '../../../database/connect.js';
import { keepRendered, readRendered } from '../../../database/rendered.js';
import { readBindings } from '../../../database/results.js';
import { takeNextSecret } from '../../../database/next-secrets.js';
import { keepRunSecret, readRunSecret, readSealed } from '../../../database/secrets.js';
import { asserted, type Asserted } from '../../../model/expression/assertion.js';
import { evaluate } from '../../../model/expression/evaluate.js';
import { fillText } from '../../../model/expression/fill.js';
import type { Scope } from '../../../model/expression/scope.js';
import { ownName, taskScope } from '../../../model/expression/task-scope.js';
import type { Operation } from '../../../model/operation.js';
import type { Plan, PlannedStep } from '../../../model/plan.js';
import type { TaskName } from '../../../model/record.js';
import { holdsSecret, type Value } from '../../../model/value.js';
import type { WorkerKey } from '../secrets/identity.js';
import { createRunSecrets, type RunSecrets } from '../secrets/run-secrets.js';
import { holesOf, secretsIn, wholeOf, withKnown } from '../../../model/holes.js';
import type { Plans } from './plans.js';

/** How holes get their values: once a task, kept, and secrets only while they are needed. */
export interface Rendering {
  readonly secrets: RunSecrets;
  render(task: TaskName, step: PlannedStep, operation: Operation, facts?: Facts): Promise<Rendered>;
  filler(task: TaskName, operation: Operation, rendered: Rendered): Promise<Filler>;
  assert(
    task: TaskName,
    expression: string,
    facts: Facts | undefined,
    registered: Readonly<Record<string, Value>>,
  ): Promise<Asserted>;
}

export function openRendering(db: Database, plans: Plans, key: WorkerKey): Rendering {
  const secrets = createRunSecrets(
    {
      keepRunSecret: async (run, name, sealed) => keepRunSecret(db, run, name, sealed),
      takeNextSecret: async (run, name, next, sealed) => takeNextSecret(db, run, name, next, sealed),
      readRunSecret: async (run, name) => readRunSecret(db, run, name),
      readSealed: async (name, version) => readSealed(db, name, version),
    },
    key,
    () => new Date(),
  );
  const scope = async (task: TaskName, facts?: Facts): Promise<Scope> =>
    taskScope(await plans.of(task.run), {
      ...task,
      bindings: await readBindings(db, task.run),
      ...(facts && { facts: { ...facts } }),
    });
  return {
    secrets,
    render: async (task, step, operation, facts) => {
      if (nothingOpen(step, operation)) return { when: true, values: {} };
      const kept = await readRendered(db, task);
      if (kept) return kept;
      const resolved = resolve(step, operation, await scope(task, facts));
      // The steps of an author's `undo` are no tasks of the run; what they read cannot change any more.
      const planned = (await plans.of(task.run)).phases.some((phase) =>
        phase.steps.some((one) => one.id === task.step),
      );
      return planned ? keepRendered(db, task, resolved) : resolved;
    },
    filler: async (task, operation, rendered) =>
      holesOf(operation).length === 0
        ? filling({}, rendered)
        : filling(await openedIn(secrets, task, await plans.of(task.run), operation), rendered),
    assert: async (task, expression, facts, registered) => {
      const around = await scope(task, facts);
      const planned = await plans.step(task.run, task.step);
      const own = ownName(planned.step, planned.phase);
      return asserted(expression, around, own, registered);
    },
  };
}

/** Where all is known from the plan, there is nothing to resolve and so nothing to keep. */
function nothingOpen(step: PlannedStep, operation: Operation): boolean {
  return step.when === undefined && !holesOf(operation).some((hole) => hole.sees === 'run');
}

function resolve(step: PlannedStep, operation: Operation, scope: Scope): Rendered {
  const when = step.when === undefined || evaluate(step.when, scope) === true;
  if (!when) return { when, values: {} };
  const open = holesOf(operation).filter((hole) => hole.sees === 'run');
  return { when, values: Object.fromEntries(open.map((hole) => [hole.expression, evaluate(hole.expression, scope)])) };
}

/** The secrets that the operation names, open. */
async function openedIn(
  secrets: RunSecrets,
  task: TaskName,
  plan: Plan,
  operation: Operation,
): Promise<Readonly<Record<string, string | Authority>>> {
  const opened = await secrets.openSecrets(task.run, plan, secretsIn(holesOf(operation), plan));
  return Object.fromEntries([...opened].map(([name, value]) => [name, value.open()]));
}

function filling(secret: Readonly<Record<string, string | Authority>>, rendered: Rendered): Filler {
  const known = new Map(
    Object.entries(rendered.values).map(([expression, value]) => [
      expression,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  return {
    fill: (text) => ({ value: fillText(withKnown(text, known), { secret }), secret: holdsSecret(text) }),
    whole: (text) => wholeOf(text, rendered.values),
    secrets: Object.values(secret).map(whatToMask),
  };
}

/** Of an authority only the key is a secret; its certificate is meant to be seen. */
function whatToMask(secret: string | Authority): string {
  return typeof secret === 'string' ? secret : secret.key;
}
