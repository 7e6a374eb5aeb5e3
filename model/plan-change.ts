import { canonicalText } from './compile/hash.js';
import type { Plan, PlannedPhase, PlannedStep } from './plan.js';

/** What of a run's plan is fixed by what the run has done already. */
export interface Fixed {
  /** Steps of which something has been announced to a host, or which have ended somewhere. */
  readonly begunSteps: ReadonlySet<string>;
  /** The parameters that somebody asked to change; all others stay. */
  readonly changing: readonly string[];
}

/** Why a run cannot go on with another plan; undefined where it can. */
export function whyNotChange(old: Plan, next: Plan, { begunSteps, changing }: Fixed): string | undefined {
  if (old.compiler !== next.compiler)
    return `this Belay compiles otherwise than the one that made the plan (${old.compiler}, now ${next.compiler}); start a new run`;
  if (old.runbook.revision !== next.runbook.revision) return 'the runbook is another one';
  const other = otherInput(old, next, changing);
  if (other !== undefined)
    return `${other} has changed since this was said; read the run's present plan and say it again`;
  for (const part of ['hosts', 'groups', 'minimums', 'secrets'] as const)
    if (differs(old[part] ?? null, next[part] ?? null))
      return `it would change the ${part} of the run; start a new run`;
  const shape = otherShape(old, next);
  if (shape !== undefined) return `${shape}; start a new run`;
  const [before, after] = [withEntries(old), withEntries(next)];
  const begun = steps(old).find(({ id }, index) => begunSteps.has(id) && differs(before[index], after[index]));
  if (begun) return `${begun.id} has begun already and would change; undo the run back to it first`;
  return differs(old, next) ? undefined : 'it changes nothing';
}

/** The phases that differ between two plans of the same shape, by index. */
export function changedPhases(old: Plan, next: Plan): number[] {
  return old.phases.flatMap((phase, index) => (differs(phase, next.phases[index]) ? [index] : []));
}

/** The steps that differ, by name. */
export function changedSteps(old: Plan, next: Plan): string[] {
  return steps(old).flatMap((step, index) => (differs(step, steps(next)[index]) ? [step.id] : []));
}

function otherInput(old: Plan, next: Plan, changing: readonly string[]): string | undefined {
  const names = [...new Set([...Object.keys(old.inputs), ...Object.keys(next.inputs)])];
  return names.find((name) => !changing.includes(name) && differs(old.inputs[name] ?? null, next.inputs[name] ?? null));
}

/** Phases, waves and steps with their hosts must stay: tasks have been written for them. */
function otherShape(old: Plan, next: Plan): string | undefined {
  if (old.phases.length !== next.phases.length) return 'it would change which phases there are';
  const index = old.phases.findIndex((phase, at) => differs(shapeOf(phase), shapeOf(next.phases[at])));
  if (index === -1) return undefined;
  return `it would change which hosts or steps phase ${index + 1} (${old.phases[index]?.name}) has, or in which waves`;
}

function shapeOf(phase: PlannedPhase | undefined): unknown {
  if (!phase) return null;
  const asks = phase.approval !== undefined;
  return {
    name: phase.name,
    waves: phase.waves,
    asks,
    steps: phase.steps.map((step) => [step.id, Object.keys(step.tasks).sort()]),
  };
}

function steps(plan: Plan): PlannedStep[] {
  return plan.phases.flatMap((phase) => phase.steps);
}

/** The steps with the entries that their phases are repeated for: what is left open in a step may name them. */
function withEntries(plan: Plan): unknown[] {
  return plan.phases.flatMap((phase) => phase.steps.map((step) => [step, phase.each ?? null]));
}

function differs(one: unknown, other: unknown): boolean {
  return canonicalText(one) !== canonicalText(other ?? null);
}
