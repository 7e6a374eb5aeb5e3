import type { HostOperation, Script } from '../../../model/operation.js';
import type { Plan, PlannedStep } from '../../../model/plan.js';
import type { Template } from '../../../model/value.js';

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

/** The step whose scripts have a secret: what strikes this one strikes a host that holds it, or is being sent it. */
const secretive = 'first';
const token: Template = { template: [{ expression: 'secret.token', sees: 'secret' }] };

/** That the secret has come, whole: a run fails where it has not. */
const hasToken = `[ "\${#TOKEN}" -ge 32 ] || exit 9\n`;
const isFedToken = `IFS= read -r fed || :; [ "$fed" = "$TOKEN" ] || exit 9\n`;

interface Pace {
  /** Seconds that each part of a step takes which is to be struck. */
  readonly pace?: number;
  /** How many times the first `do` prints some pages, a tenth of a second apart. */
  readonly talks?: number;
}

/** The compiled plan with scripts that write down, on the host, when each part begins and ends. */
export function smallPlan(plan: Plan, { pace = usualPace, talks = 0 }: Pace = {}): Plan {
  const replaced = (step: PlannedStep): PlannedStep =>
    step.operations.every(({ on }) => on === 'host')
      ? {
          ...step,
          operations: step.operations.map(() =>
            operationOf(step.id, struck.includes(step.id) ? pace : usualPace, step.id === 'first' ? talks : 0),
          ),
        }
      : step;
  return { ...plan, phases: plan.phases.map((phase) => ({ ...phase, steps: phase.steps.map(replaced) })) };
}

function operationOf(id: string, pace: number, talks: number): HostOperation {
  const secret = id === secretive;
  const script = (text: string): Script => ({
    text: `${secret ? hasToken : ''}${noting}${text}`,
    environment: { PACE: String(pace), TALKS: String(talks), ...(secret ? { TOKEN: token } : {}) },
  });
  const fed = (text: string): Script => (secret ? { ...script(`${isFedToken}${text}`), stdin: token } : script(text));
  const around = (part: string, work: string): string => `part=${part}; note begin; sleep "$PACE"; ${work}; note end\n`;
  const talk = 'for n in $(seq "$TALKS"); do head -c 65536 /dev/urandom | base64; sleep 0.1; done';
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
    do: fed(around('do', `mkdir -p ${marks}; echo "$task" >"$mark"; ${talk}; sleep "$PACE"`)),
    undo: fed(around('undo', 'rm -f "$mark"; sleep "$PACE"')),
  };
}
