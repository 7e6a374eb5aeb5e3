/** A plain JSON value: what parameters, host values and registered results are made of. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/**
 * What a hole must wait for: `plan` is filled while the plan is made, `run` when the task starts (facts,
 * registered values), `secret` only inside the worker, for as long as a script needs it.
 */
export type Sees = 'plan' | 'run' | 'secret';

/** One `${{ … }}` of a text: the CEL source between the braces. */
export interface Hole {
  readonly expression: string;
  readonly sees: Sees;
}

/** A text with holes, in order. Plain pieces are strings. */
export interface Template {
  readonly template: readonly (string | Hole)[];
}

/** A value that travels as data to a script, a file or a server: known in full, or with holes left in. */
export type Text = string | Template;

/** True where `text` still has a hole that only a secret can fill. */
export function holdsSecret(text: Text): boolean {
  return (
    typeof text !== 'string' && text.template.some((piece) => typeof piece !== 'string' && piece.sees === 'secret')
  );
}

/** How a text is shown in plans and messages: holes as they were written, never their values. */
export function display(text: Text): string {
  if (typeof text === 'string') return text;
  return text.template.map((piece) => (typeof piece === 'string' ? piece : `\${{ ${piece.expression} }}`)).join('');
}
