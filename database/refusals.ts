import type { RunState } from '../model/states.js';

/** What this room refuses to write. Doors translate these; nobody decides by their text. */
export class Refusal extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The same idempotency key came with another request. */
export class IdempotencyConflict extends Refusal {
  constructor(readonly key: string) {
    super(`the idempotency key ${key} was used for another request`);
  }
}

/** Another run holds a machine, or has waited for it for longer. */
export class LeaseHeld extends Refusal {
  constructor(
    readonly machine: string,
    readonly run: string,
    /** For whom it would wait, in words. */
    before: string,
  ) {
    super(`it would wait for ${before}`);
  }
}

export class UnknownPlan extends Refusal {
  constructor(readonly hash: string) {
    super(`there is no plan ${hash}`);
  }
}

/** No live plan goes by that name, or none of the plan has that hash. */
export class UnknownLivePlan extends Refusal {
  constructor(readonly live: string) {
    super(`there is no live plan ${live}; make one with \`belay plan --live\``);
  }
}

export class UnknownRun extends Refusal {
  constructor(readonly run: string) {
    super(`there is no run ${run}`);
  }
}

/** A run of that id exists already, started by another request. */
export class RunExists extends Refusal {
  constructor(readonly run: string) {
    super(`there is a run ${run} already`);
  }
}

/** A prefix that several runs begin with. */
export class AmbiguousRun extends Refusal {
  constructor(
    readonly prefix: string,
    readonly runs: readonly string[],
  ) {
    super(`several runs begin with ${prefix}: ${runs.join(', ')}`);
  }
}

export class UnknownTask extends Refusal {
  constructor(
    readonly step: string,
    readonly host: string,
  ) {
    super(`the run has no step ${step} on host ${host}`);
  }
}

/** The table in `model/moves.ts` has no such move. */
export class IllegalMove extends Refusal {
  constructor(
    readonly run: string,
    readonly from: RunState,
    readonly to: RunState,
  ) {
    super(`run ${run} is ${from} and cannot become ${to}`);
  }
}

/** Its traces on hosts may be gone. */
export class RunArchived extends Refusal {
  constructor(readonly run: string) {
    super(`run ${run} is archived: its hosts may have forgotten what was there before`);
  }
}

/** Nothing may be done on hosts for this run now. */
export class NotAuthorised extends Refusal {
  constructor(
    readonly run: string,
    readonly because: string,
  ) {
    super(`run ${run} may not act on hosts: ${because}`);
  }
}

/** A later attempt of the task has begun. */
export class StaleAttempt extends Refusal {
  constructor(
    readonly step: string,
    readonly host: string,
    readonly attempt: number,
    readonly latest: number,
  ) {
    super(`attempt ${attempt} of ${step} on ${host} is over: attempt ${latest} has begun`);
  }
}

/** Somebody else has taken the machine since. */
export class StaleHolder extends Refusal {
  constructor(
    readonly host: string,
    readonly holder: number,
    readonly latest: number,
  ) {
    super(`holder ${holder} of ${host} is over: ${latest} holds it now`);
  }
}

/** Output that does not join what is stored. */
export class OutputGap extends Refusal {
  constructor(
    readonly end: number,
    readonly offset: number,
  ) {
    super(`output goes on at byte ${offset}, but only ${end} bytes came before`);
  }
}

export class UnknownGate extends Refusal {
  constructor(
    readonly run: string,
    readonly phase: number,
  ) {
    super(`phase ${phase} of run ${run} asks for no approval`);
  }
}

export class UnknownVerb extends Refusal {
  constructor(readonly id: string) {
    super(`there is no verb ${id}`);
  }
}

/** A verb that lacks what it needs, such as the phase of an approval. */
export class VerbIncomplete extends Refusal {
  constructor(readonly missing: string) {
    super(`the verb lacks ${missing}`);
  }
}

export class UnknownUndo extends Refusal {
  constructor(
    readonly run: string,
    readonly undo: number,
  ) {
    super(`run ${run} has no undo ${undo}`);
  }
}

/** A secret has no next value, or none that could become the current one. */
export class NoNextSecret extends Refusal {
  constructor(
    readonly secret: string,
    because: string,
  ) {
    super(`${secret} ${because}`);
  }
}

/** A current value would be stored while the next one waits, which servers may have already. */
export class NextSecretWaits extends Refusal {
  constructor(
    readonly secret: string,
    readonly next: number,
  ) {
    super(
      `version ${next} of ${secret} waits to become the current one, and servers may have it; put it in place with its runbook, or give it up with \`belay secret abandon ${secret}\``,
    );
  }
}

/** JSON that Postgres cannot keep: a NUL character, or half of a surrogate pair. */
export class Unstorable extends Refusal {
  constructor(readonly path: string) {
    super(`${path} holds a character that cannot be stored`);
  }
}

/** A file that is collected stands elsewhere than whoever read it thought: somebody else has read it meanwhile. */
export class ReadMeanwhile extends Refusal {
  constructor(readonly file: number) {
    super(`file ${file} was read by somebody else meanwhile`);
  }
}
