import { Failed } from '../../model/failure.js';
import type { Look } from '../../model/live/look.js';
import { ownedFiles } from '../../model/live/owned-files.js';
import type { Carried, HostOperation } from '../../model/operation.js';
import { operationOf, type PlannedStep } from '../../model/plan.js';
import { lastWords, look, type Attempt, type Extra } from './attempt.js';
import { measured } from './carry.js';
import { lookAtContent } from './look-at-content.js';
import type { Session } from './session.js';
import { changes, failed, planned, stepOperation, type HostSoFar, type Seen } from './look-so-far.js';

/**
 * What one step would do, as far as its check and its values tell.
 *
 * @throws Failed `host/…` where the host cannot be asked any more
 */
export async function lookAtStep(here: HostSoFar, step: PlannedStep): Promise<Look> {
  const name = { step: step.id, host: here.host };
  try {
    return { ...name, ...(await lookNow(here, step)) };
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind.startsWith('host/')) throw error;
    return { ...name, state: 'refused', because: `${error.failure.kind}: ${error.failure.known}` };
  }
}

async function lookNow(here: HostSoFar, step: PlannedStep): Promise<Seen> {
  const operation = operationOf(step, here.host);
  if (operation?.on !== 'host') throw new Error(`${step.id} does nothing over SSH on ${here.host}`);
  const preview = await here.needs.preview(here.plan, step, here.host, operation, here.session.facts);
  if ('before' in preview) return { state: 'not_known', before: preview.before };
  if (!preview.when) return { state: 'skipped', because: 'its `when` does not hold' };
  const maker = makerOf(here, operation);
  if (maker !== undefined) return { state: 'not_known', before: [maker], because: 'it makes the same file' };
  const attempt = attemptOf(here, step, operation, preview.filler);
  if (operation.carried) return seenOfCarried(here, attempt, operation.carried);
  return seen(here, attempt, await owed(here, operation));
}

/** The file of the other host is measured, and not read. */
async function seenOfCarried(here: HostSoFar, attempt: Attempt, carried: Carried): Promise<Seen> {
  const source = await sourceOf(here, carried.host);
  const examined = await measured({ ...attempt, needs: { ...here.needs, source: async () => source } }, {});
  if ('outcome' in examined) {
    const { kind, known } = examined.outcome.failure ?? { kind: 'step/refused', known: 'it cannot be measured' };
    return { state: kind.startsWith('host/') ? 'unreachable' : 'refused', because: `${kind}: ${known}` };
  }
  const { carried: file } = examined.go;
  const look = await seen(here, attempt, examined.go);
  if (look.state !== 'would_change' || !file) return look;
  const there = `${file.path} on ${carried.host} has ${file.size} bytes, SHA-256 ${file.sha256}`;
  return { state: look.state, because: look.because === undefined ? there : `${look.because}; ${there}` };
}

async function sourceOf({ needs, plan }: HostSoFar, host: string): Promise<Session> {
  const destination = await needs.plannedDestination(plan, host);
  return needs.sessions.open(destination, await needs.askingHolder(plan.hosts[host]?.machine ?? ''));
}

async function seen(here: HostSoFar, attempt: Attempt, extra: Extra): Promise<Seen> {
  const { check, transform } = attempt.work.operation;
  if (check) {
    const { end, stdout, stderr } = await look(attempt, 'check', check, extra);
    const said = lastWords(attempt, stderr || stdout);
    if (end.how === 'exited' && end.code === 0) return { state: 'already_so' };
    if (end.how !== 'exited' || end.code !== 1) return failed(here, 'its check', end, said);
    return { state: 'would_change', ...(said === '' ? {} : { because: said }), ...(await differenceOf(here, attempt)) };
  }
  if (transform) return lookAtContent(here, attempt);
  const { readOnly, undo } = attempt.step;
  const because = readOnly || undo.how === 'nothing' ? 'it only looks' : 'it has no check';
  return { state: 'would_run', because };
}

/** The difference that a step makes whose check says that it would change something; nothing where none can be shown. */
async function differenceOf(here: HostSoFar, attempt: Attempt): Promise<Pick<Seen, 'diff'>> {
  if (attempt.work.operation.carried) return {};
  const { diff } = await lookAtContent(here, attempt);
  return diff === undefined ? {} : { diff };
}

/** The step before that would make or change a file of this one. */
function makerOf(here: HostSoFar, operation: HostOperation): string | undefined {
  const ours = ownedFiles(operation);
  return here.looks.findLast((one) => {
    const theirs = changes(here, one) ? ownedFiles(stepOperation(here, one.step)) : [];
    return theirs.some((path) => ours.includes(path));
  })?.step;
}

/** Whether a restart is owed already, or would be by then. */
async function owed(here: HostSoFar, { service }: HostOperation): Promise<Extra> {
  if (service === undefined) return {};
  const willOwe = here.looks.some((one) => changes(here, one) && planned(here, one.step)?.owes.includes(service));
  const owes = willOwe || (await here.needs.owesRestart(here.machine, service));
  return owes ? { owed: [{ host: here.host, service, upTo: 0 }] } : {};
}

function attemptOf(
  { needs, live, host, destination, holder, session, life }: HostSoFar,
  step: PlannedStep,
  operation: HostOperation,
  filler: Attempt['filler'],
): Attempt {
  return {
    name: { run: live, step: step.id, host },
    task: `${live}.${step.id}`,
    attempt: 1,
    holder,
    step,
    work: { destination, operation, intents: [] },
    session,
    filler,
    needs,
    signal: life.cancelled,
    detached: life.detached,
  };
}
