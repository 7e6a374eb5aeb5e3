import type { z } from 'zod';
import type { Operation } from '../operation.js';
import type { Template } from '../value.js';

/** What the compiler tells a kind about the step it compiles. */
export interface StepContext {
  /** Reads a file that lies beside the runbook; undefined where there is none of that name. */
  readonly file: (path: string) => Uint8Array | undefined;
  /** The host's own address and name, for kinds that speak to it otherwise than over SSH. */
  readonly host: { readonly name: string; readonly address: string };
  /** Hex SHA-256, handed in because the model has no Node built-ins. */
  readonly sha256: (bytes: Uint8Array) => string;
}

/**
 * One kind of step: a pure function from validated arguments to an operation. A kind is one file here, its data
 * cases under `test/cases/steps`, one line in `kinds.ts`, and one use in a runbook.
 */
export interface StepKind<A = unknown> {
  /** The key in YAML, and the file's name. */
  readonly kind: string;
  /** One sentence for the reference. */
  readonly about: string;
  readonly schema: z.ZodType<A>;
  /**
   * Keys that may stand in the step beside the kind's own, such as `environment` beside `command`. Where it is
   * given, `schema` validates one object of the kind's own key and those of these that were written.
   */
  readonly beside?: readonly string[];
  /**
   * Keys that may stand beside the kind's own in a step, such as `environment` next to `command`. A schema that has
   * a key of the kind's own name may be given that value bare: see {@link argumentsOf}.
   */
  readonly beside?: readonly string[];
  /**
   * How the kind goes back on its own: `restore` where its operation has `capture` and `undo`, `author` where the
   * author must say (or declare `read_only`), `nothing` where it changes nothing.
   */
  readonly undo: 'restore' | 'author' | 'nothing';
  /** True where a second try after a partial or unknown one does no harm. */
  readonly repeatable: boolean;
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

/**
 * The arguments of a step as its schema wants them: a mapping with what stands beside it; anything else (a list, a
 * text) is the value of the key that has the kind's own name. `command: [a]` is `command: { command: [a] }`.
 */
export function argumentsOf(
  kind: StepKind,
  value: unknown,
  beside: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return isMapping(value) ? { ...value, ...beside } : { [kind.kind]: value, ...beside };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !Array.isArray((value as Template).template);
}

/** Keeps the argument type of a kind while it is being written. */
export function stepKind<A>(kind: StepKind<A>): StepKind<A> {
  return kind;
}
