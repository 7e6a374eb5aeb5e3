import { setTimeout as sleep } from 'node:timers/promises';
import { Failed, type Failure, type FailureKind } from '../../model/failure.js';
import type { Script } from '../../model/operation.js';
import type { PlannedStep } from '../../model/plan.js';
import type { TaskName } from '../../model/record.js';
import type { Ending } from '../../model/states.js';
import type { Text, Value } from '../../model/value.js';
import type { Filler, HostWork, OwedRestart, StepNeeds } from './needs.js';
import { inputOf, sha256Of } from './script-input.js';
import type { PartEnd, ReadyScript, Session, SessionPart } from './session.js';

/** One try of one step on one host, and all that it may touch. */
export interface Attempt {
  readonly name: TaskName;
  /** Which undo this is part of, and, for an author's undo step, the task that it undoes: its output is kept there. */
  readonly undo?: number;
  readonly undoes?: TaskName;
  /** The task's name on the host. */
  readonly task: string;
  readonly attempt: number;
  readonly holder: number;
  readonly step: PlannedStep;
  readonly work: HostWork;
  readonly session: Session;
  readonly filler: Filler;
  readonly needs: StepNeeds;
  /** Whether the task was never announced to its host before, so that its journal should know nothing of it. */
  readonly fresh?: boolean;
  /** Aborted by a requested cancel alone. */
  readonly signal: AbortSignal;
  /** Aborted once another worker looks after it: nothing more is begun by this one. */
  readonly detached: AbortSignal;
}

/** Of a task that should be new to its host, the first part asks for that; then the journal need not be asked before. */
export function asFresh({ fresh, work }: Attempt, part: SessionPart): { readonly fresh?: true } {
  const { check, capture } = work.operation;
  const first = check && capture?.alreadySo === undefined ? 'check' : capture ? 'capture' : 'do';
  return fresh === true && part === first ? { fresh } : {};
}

/** How an attempt came out, before it is written down. */
export interface Outcome {
  readonly ending: Ending;
  readonly exit?: number;
  readonly failure?: Failure;
  readonly registered?: Readonly<Record<string, Value>>;
  readonly preImage?: string;
  readonly postImage?: string;
  readonly summary?: string;
}

/** A failure of this attempt, with what was tried and where filled in. */
export function failureOf(attempt: Attempt, kind: FailureKind, known: string, next: string): Failure {
  return {
    kind,
    tried: `${attempt.step.name} (${attempt.step.id}) on ${attempt.name.host}, attempt ${attempt.attempt}`,
    known,
    next,
  };
}

/** A file of another host, as it was when it was measured. */
export interface CarriedFile {
  readonly source: Session;
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** Environment that every script of this attempt gets beside its own. */
export interface Extra {
  readonly stdin?: Uint8Array;
  /** What is carried from another host, as it was measured there. */
  readonly carried?: CarriedFile;
  /** What the operation's service owes; paid when the step is verified. */
  readonly owed?: readonly OwedRestart[];
}

/** A script with its holes filled; `extra.stdin` takes the place of its own standard input. */
export function ready(attempt: Attempt, script: Script, extra: Extra = {}): ReadyScript {
  let secret = false;
  const fill = (text: Text): string => {
    const filled = attempt.filler.fill(text);
    secret ||= filled.secret;
    return filled.value;
  };
  const environment: Record<string, string> = {};
  for (const [name, text] of Object.entries(script.environment ?? {})) environment[name] = fill(text);
  const input = inputOf(script, attempt.filler);
  secret ||= input.secret;
  const doStdin = extra.stdin ?? inputOf(attempt.work.operation.do, attempt.filler).bytes;
  return {
    text: script.text,
    arguments: (script.arguments ?? []).map((text) => openly(attempt, text)),
    environment: {
      ...environment,
      BELAY_STDIN_SHA256: extra.carried?.sha256 ?? sha256Of(doStdin),
      BELAY_RESTART_OWED: extra.owed !== undefined && extra.owed.length > 0 ? '1' : '0',
    },
    stdin: extra.stdin ?? input.bytes,
    secret: secret || (extra.stdin !== undefined && attempt.filler.secrets.length > 0),
  };
}

/** An argument, which anybody on the host can see. The compiler refuses secrets there; this is the second fence. */
function openly(attempt: Attempt, text: Text): string {
  const filled = attempt.filler.fill(text);
  if (!filled.secret) return filled.value;
  throw new Failed(
    failureOf(
      attempt,
      'step/value-unusable',
      'a secret would have gone into an argument list; nothing was sent',
      'correct the runbook',
    ),
  );
}

/** Milliseconds until a look that another one has ended is made again. */
const displaced = 1000;

/**
 * Runs a part that only looks, and gives what it printed. On a host the later look at a task ends the earlier one;
 * where two workers have the same task for a moment, the one that keeps it looks again.
 */
export async function look(...asked: Parameters<typeof lookOnce>): ReturnType<typeof lookOnce> {
  const [{ signal, detached }] = asked;
  for (;;) {
    const seen = await lookOnce(...asked);
    if (seen.end.how !== 'cancelled' || signal.aborted || detached.aborted) return seen;
    await sleep(displaced);
  }
}

async function lookOnce(
  attempt: Attempt,
  part: Exclude<SessionPart, 'do' | 'undo'>,
  script: Script,
  extra: Extra = {},
): Promise<{ readonly end: PartEnd; readonly stdout: string; readonly stderr: string }> {
  const end = await attempt.session.run(
    {
      task: attempt.task,
      attempt: attempt.attempt,
      part,
      holder: attempt.holder,
      script: ready(attempt, script, extra),
      seconds: attempt.needs.limits.look,
      outputLimit: lookLimit,
      ...asFresh(attempt, part),
      ...(part === 'present' || script.printsImage === true ? { printsLine: true } : {}),
    },
    undefined,
    attempt.signal,
  );
  // What capture prints is kept by the host itself.
  if (end.how !== 'exited' || (part === 'capture' && end.code === 0)) return { end, stdout: '', stderr: '' };
  if (end.printed) return { end, ...end.printed };
  const read = async (stream: 'stdout' | 'stderr'): Promise<string> =>
    Buffer.from(
      await attempt.session.output({ task: attempt.task, attempt: attempt.attempt, part, stream }, 0, lookLimit),
    ).toString('utf8');
  return { end, stdout: await read('stdout'), stderr: end.code === 0 ? '' : await read('stderr') };
}

/** Bytes of a looking script's output that are read. */
const lookLimit = 65_536;

/** A text with every secret of the task masked. */
export function masked(attempt: Attempt, text: string): string {
  const masker = attempt.needs.masker(attempt.filler.secrets);
  return Buffer.concat([masker.push(Buffer.from(text, 'utf8')), masker.end()]).toString('utf8');
}

/** What a script said last, for a failure: at most 300 characters, on one line, secrets masked. */
export function lastWords(attempt: Attempt, text: string): string {
  return masked(attempt, text).trim().split('\n').slice(-3).join(' | ').slice(-300);
}

/** An end that is no exit, as an outcome. */
export function endedBadly(attempt: Attempt, end: Exclude<PartEnd, { how: 'exited' }>, acted: boolean): Outcome {
  if (end.how === 'lost') return { ending: acted ? 'unknown' : 'unreachable', failure: end.failure };
  if (end.how === 'refused') return { ending: 'refused', failure: end.failure };
  const limit = end.how === 'timed-out';
  return {
    ending: acted ? 'partial' : 'refused',
    failure: failureOf(
      attempt,
      limit ? 'step/timed-out' : 'step/cancelled',
      `its processes were killed after ${end.milliseconds} ms; ${acted ? 'something may have happened' : 'nothing was changed'}`,
      limit ? 'look at its output; raise `timeout` or undo' : 'resume, retry or undo the run',
    ),
  };
}
