import type { HostOperation, Operation } from '../../model/operation.js';
import type { Plan, PlannedPhase, PlannedStep } from '../../model/plan.js';

/** When a step fails: before its effect, in the middle of it, or after it. */
export const ways = ['before', 'middle', 'after'] as const;
export type Way = (typeof ways)[number];

export interface Fault {
  readonly phase: number;
  readonly step: string;
  readonly way: Way;
  /** The one host on which the step fails. */
  readonly host: string;
  /** Of `middle`: seconds from the step's beginning to its sudden end. */
  readonly delay: number;
}

/** By this exit a failure is known as the injected one. */
export const injected = 97;

/** The plan of one phase alone, without its approval; a failure takes it back at once. */
export function onlyPhase(plan: Plan, index: number): Plan {
  const { approval: _, ...phase } = plan.phases[index]!;
  return { ...plan, phases: [{ ...phase, onFailure: 'undo' }] };
}

/** That plan with the failure in it. */
export function withFault(plan: Plan, fault: Fault): Plan {
  const only = onlyPhase(plan, fault.phase);
  return { ...only, phases: only.phases.map((phase) => ({ ...phase, steps: broken(phase, fault) })) };
}

function broken(phase: PlannedPhase, fault: Fault): PlannedStep[] {
  return phase.steps.flatMap((step) => {
    if (step.id !== fault.step) return [step];
    // Once, and whatever `when` says: a step that is passed over has no effect that could be cut short.
    const { when: _, ...rest } = { ...step, retry: { ...step.retry, attempts: 1 } };
    const operation = step.operations[step.tasks[fault.host]!]!;
    if (operation.on !== 'host') return brokenElsewhere(rest, fault);
    return [replaced(rest, fault.host, { ...operation, do: { ...operation.do, text: brokenText(operation, fault) } })];
  });
}

function brokenText(operation: HostOperation, { way, delay }: Fault): string {
  const whole = `(\n${operation.do.text}\n)`;
  if (way === 'before') return `echo 'before its effect' >&2\nexit ${injected}\n`;
  if (way === 'after') {
    const done = (operation.do.doneExits ?? [0]).join(' | ');
    return `${whole}\ncode=$?\ncase $code in ${done}) echo 'after its effect' >&2; exit ${injected} ;; esac\nexit "$code"\n`;
  }
  // The background has no standard input of its own accord. The whole group ends at once, as with a power failure.
  const kill = 'kill -0 "$victim" 2>/dev/null && echo "while it ran" >&2 || echo "when it had just ended" >&2';
  return `exec 3<&0\n${whole} <&3 &\nvictim=$!\n${delay < 0.004 ? '' : `sleep ${delay.toFixed(3)}\n`}${kill}\nkill -KILL 0\n`;
}

/** A step on the directory cannot be cut in two: it fails before (wrong password), or what follows it fails. */
function brokenElsewhere(step: PlannedStep, { way, host }: Fault): PlannedStep[] {
  const operation = step.operations[step.tasks[host]!]!;
  if (operation.on !== 'ldap') throw new Error(`no failure can be put into ${step.id}`);
  if (way === 'before') return [replaced(step, host, { ...operation, bind: { ...operation.bind, password: 'wrong' } })];
  return [
    step,
    {
      ...step,
      id: `${step.id}_behind`,
      name: 'The next thing fails',
      kind: 'shell',
      undo: { how: 'nothing' },
      operations: [failing],
      tasks: { [host]: 0 },
    },
  ];
}

const failing: Operation = { on: 'host', do: { text: `exit ${injected}\n` } };

function replaced(step: PlannedStep, host: string, operation: Operation): PlannedStep {
  return {
    ...step,
    operations: [...step.operations, operation],
    tasks: { ...step.tasks, [host]: step.operations.length },
  };
}
