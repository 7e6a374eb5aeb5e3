import type { HostOperation, Script } from '../../../model/operation.js';
import type { Plan, PlannedStep } from '../../../model/plan.js';

/** Where each host keeps its ledger: on a disk of its own, which is never full and outlives a power cut. */
export const ledgerFolder = '/var/log/chaos';

/** Marks that the steps leave on a host, one a task. */
export const marks = '/srv/chaos';

/** Steps that have no verify: nobody can settle what became of them. */
const unproven = ['third'];

const noting = `set -e
IFS= read -r task <"$BELAY_TASK/name"
mark=${marks}/$task
note() { printf '%s %s %s %s %s\\n' "$(date +%s%N)" "$task" "$part" "$BELAY_ATTEMPT" "$1" >>${ledgerFolder}/ledger; }
`;

/** Steps of which each part lasts, so that it can be struck. */
const struck = ['first', 'third'];
const usualPace = 0.1;

/**
 * The compiled plan with scripts that write down, on the host, when each part begins and ends.
 *
 * @param pace - seconds that each part of a step takes which is to be struck
 */
export function smallPlan(plan: Plan, pace = usualPace): Plan {
  const replaced = (step: PlannedStep): PlannedStep =>
    step.operations.every(({ on }) => on === 'host')
      ? {
          ...step,
          operations: step.operations.map(() => operationOf(step.id, struck.includes(step.id) ? pace : usualPace)),
        }
      : step;
  return { ...plan, phases: plan.phases.map((phase) => ({ ...phase, steps: phase.steps.map(replaced) })) };
}

function operationOf(id: string, pace: number): HostOperation {
  const script = (text: string): Script => ({ text: `${noting}${text}`, environment: { PACE: String(pace) } });
  const around = (part: string, work: string): string => `part=${part}; note begin; sleep "$PACE"; ${work}; note end\n`;
  return {
    on: 'host',
    ...(unproven.includes(id)
      ? {}
      : {
          check: script(`${around('check', ':')}[ -e "$mark" ]\n`),
          verify: script(`${around('verify', ':')}[ -e "$mark" ]\n`),
        }),
    // The same script makes the post-image, which is no capture of what was there before.
    capture: script(
      `if [ -e "$mark" ]; then echo present; else echo absent; fi\n${around('present; [ -z "${BELAY_SAVE-}" ] || part=capture', ':')}`,
    ),
    do: script(around('do', `mkdir -p ${marks}; echo "$task" >"$mark"; sleep "$PACE"`)),
    undo: script(around('undo', 'rm -f "$mark"; sleep "$PACE"')),
  };
}
