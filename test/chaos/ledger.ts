import type { Operation } from '../../model/operation.js';
import type { Plan } from '../../model/plan.js';

export const ledgerFile = '/var/log/chaos.ledger';

/** Lines that each `do` writes to its standard error before its effect, one each tenth of a second. */
export const linesEach = 10;

/** What every `do` does first: it writes its name into the host's ledger. */
const entry = `IFS= read -r chaos_task <"$BELAY_TASK/name"
printf '%s %s\\n' "$chaos_task" "$BELAY_ATTEMPT" >>${ledgerFile}
`;

/** What it does then: it takes its time, talking. */
const talk = `for chaos_line in $(seq ${linesEach}); do echo "ledger line $chaos_line" >&2; sleep 0.1; done
`;

/**
 * The plan with every effect counted by itself, on the host where it happens.
 *
 * @param talking - whether each takes its time, too
 */
export function withLedger(plan: Plan, talking = true): Plan {
  const preface = talking ? entry + talk : entry;
  return {
    ...plan,
    phases: plan.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) => ({ ...step, operations: step.operations.map((one) => counted(one, preface)) })),
    })),
  };
}

function counted(operation: Operation, preface: string): Operation {
  if (operation.on !== 'host') return operation;
  return { ...operation, do: { ...operation.do, text: `${preface}${operation.do.text}` } };
}
