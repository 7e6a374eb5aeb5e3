import type { z } from 'zod';
import type { Operation } from '../operation.js';

/** What the compiler tells a kind about the step it compiles. */
export interface StepContext {
  /** Reads a file that lies beside the runbook; undefined where there is none of that name. */
  readonly file: (path: string) => Uint8Array | undefined;
  /** The host's own address and name, for kinds that speak to it otherwise than over SSH. */
  readonly host: { readonly name: string; readonly address: string };
  /** Hex SHA-256, handed in because the model has no Node built-ins. */
  readonly sha256: (bytes: Uint8Array) => string;
}

export type KindUndo = 'restore' | 'author' | 'nothing';

/**
 * One kind of step: a pure function from validated arguments to an operation. A kind is one file here, its data
 * cases under `test/cases/steps`, one line in `kinds.ts`, and one use in a runbook.
 */
export interface StepKind<A = unknown> {
  /** The key in YAML, and the file's name. */
  readonly kind: string;
  /** Where its operation acts; on the step's host where absent. */
  readonly on?: Operation['on'];
  /** One sentence for the reference. */
  readonly about: string;
  readonly schema: z.ZodType<A>;
  /**
   * Keys that may stand in the step beside the kind's own, such as `environment` beside `command`. Where it is
   * given, `schema` validates one object of the kind's own key and those of these that were written.
   */
  readonly beside?: readonly string[];
  /** Arguments whose text may lie in a file beside the document, `{ file: NAME }`; expressions in it are read as written. */
  readonly texts?: readonly string[];
  /**
   * How the kind goes back on its own: `restore` where its operation has `capture` and `undo`, `author` where the
   * author must say (or declare `read_only`), `nothing` where it changes nothing.
   */
  readonly undo: KindUndo;
  /** The same for one step, where it depends on how its arguments are written. */
  undoOf?(written: unknown): KindUndo;
  /** True where a second try after a partial or unknown one does no harm. */
  readonly repeatable: boolean;
  /** True where it leaves output on standard output, though it does not run on a host. */
  readonly output?: boolean;
  /** True where it cannot be among the steps that undo another. */
  readonly alone?: boolean;
  /** Throws {@link Unusable} for arguments that are each valid but not together. */
  compile(args: A, context: StepContext): Operation;
  /** The services whose restart earlier steps owe (`restart_after`), by step id. */
  owed?(args: A): { readonly service: string; readonly after: readonly string[] };
}

/** Arguments that cannot be carried out, with the path of the culprit below the step's arguments. */
export class Unusable extends Error {
  constructor(
    readonly path: readonly (string | number)[],
    message: string,
  ) {
    super(message);
    this.name = 'Unusable';
  }
}

/** Keeps the argument type of a kind while it is being written. */
export function stepKind<A>(kind: StepKind<A>): StepKind<A> {
  return kind;
}
