import type { Finding } from '../finding.js';
import type { Plan } from '../plan.js';
import type { Sha256 } from './hash.js';

/** All that a plan is made of. */
export interface PlanSource {
  /** Documents and the files beside them, by path with `/`; steps name files relative to the runbook's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Which of `files` is the runbook. */
  readonly runbook: string;
  /** Which of `files` is the inventory. */
  readonly inventory: string;
  /** Values for the runbook's parameters, as JSON or as text from a command line. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The newest version of a stored secret; undefined where none is stored. */
  readonly secretVersion: (name: string) => number | undefined;
  readonly sha256: Sha256;
}

/** A plan, or the reasons why there is none. Warnings may accompany a plan. */
export interface Compilation {
  readonly plan?: Plan;
  readonly findings: readonly Finding[];
}

/** Compiles a runbook with its inputs and hosts into the plan that is shown, hashed, approved and carried out. */
export function compilePlan(_source: PlanSource): Compilation {
  throw new Error('the compiler is being written');
}
