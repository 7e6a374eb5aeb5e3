import type { HostOperation, Operation, Script } from '../operation.js';
import type { Plan, PlannedStep } from '../plan.js';

/** The scripts of a host operation, in the order in which a task meets them. */
const scriptParts = ['check', 'capture', 'do', 'verify', 'undo', 'restart'] as const;
export type ScriptPart = (typeof scriptParts)[number];

/** Lines up to which a script is shown where it is used, even if it is used more than once. */
const short = 3;
/** Lines up to which a script that is used once is shown there. */
const medium = 12;

/** Scripts that are shown once, at the end, and referred to by name. */
export interface NamedScripts {
  /** By text. */
  readonly names: ReadonlyMap<string, string>;
}

/** Every step of a plan, with those that undo another after it. */
function allSteps(plan: Plan): PlannedStep[] {
  return plan.phases.flatMap(({ steps }) => steps.flatMap((step) => [step, ...undoSteps(step)]));
}

function undoSteps({ undo }: PlannedStep): readonly PlannedStep[] {
  return undo.how === 'steps' ? undo.steps : [];
}

/** The scripts that an operation has. */
export function scriptsOf(operation: Operation): [ScriptPart, Script][] {
  if (operation.on !== 'host') return [];
  return scriptParts.flatMap((part) => {
    const script = (operation as HostOperation)[part];
    return script === undefined ? [] : [[part, script] as [ScriptPart, Script]];
  });
}

/** Gives a name to each script that is used more than once, or is too long to stand among the steps. */
export function nameScripts(plan: Plan): NamedScripts {
  const uses = allSteps(plan).flatMap((step) =>
    step.operations.flatMap(scriptsOf).map(([part, { text }]) => ({ step, part, text })),
  );
  const texts = [...new Set(uses.map(({ text }) => text))];
  const names = new Map<string, string>();
  for (const text of texts) {
    const own = uses.filter((use) => use.text === text);
    const [first] = own;
    if (first === undefined || lines(text) <= (own.length > 1 ? short : medium)) continue;
    const shared = new Set(own.map(({ step }) => step.id)).size > 1;
    const name = shared ? `${first.step.kind} ${first.part}` : `${first.step.kind} ${first.part} of ${first.step.id}`;
    names.set(text, distinct(name, [...names.values()]));
  }
  return { names };
}

function distinct(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name} (${number})`)) number += 1;
  return `${name} (${number})`;
}

function lines(text: string): number {
  return text.trimEnd().split('\n').length;
}
