import type { Plan } from './plan.js';
import type { Hole, Template, Text, Value } from './value.js';

/** Every hole in an operation, wherever it stands. */
export function holesOf(part: unknown): Hole[] {
  if (typeof part !== 'object' || part === null) return [];
  if (isTemplate(part)) return part.template.filter((piece): piece is Hole => typeof piece !== 'string');
  return Object.values(part).flatMap(holesOf);
}

/** The declared secrets that these holes name. */
export function secretsIn(holes: readonly Hole[], plan: Pick<Plan, 'secrets'>): string[] {
  const named = new Set(
    holes.flatMap((hole) => [...hole.expression.matchAll(/\bsecret\.([A-Za-z_]\w*)/g)].map((match) => match[1])),
  );
  return Object.keys(plan.secrets).filter((name) => named.has(name));
}

/** The text with holes that are known by now written out; only secret ones are left. */
export function withKnown(text: Text, known: ReadonlyMap<string, string>): Text {
  if (typeof text === 'string') return text;
  return {
    template: text.template.map((piece) =>
      typeof piece === 'string' || piece.sees === 'secret' ? piece : (known.get(piece.expression) ?? piece),
    ),
  };
}

/** What a text is that is nothing but one expression which the run has resolved: its value, in its own type. */
export function wholeOf(text: Text, values: Readonly<Record<string, Value>>): Value | undefined {
  if (typeof text === 'string') return undefined;
  const [only, ...more] = text.template;
  if (only === undefined || typeof only === 'string' || only.sees !== 'run' || more.length > 0) return undefined;
  return values[only.expression];
}

/** A text as a value of JSON or YAML: in its own type where it is nothing but what the run knows, else filled. */
export function valueFrom(
  text: Text,
  filling: { fill(text: Text): { readonly value: string }; whole?(text: Text): Value | undefined },
): Value {
  const whole = filling.whole?.(text);
  return whole === undefined ? filling.fill(text).value : whole;
}

function isTemplate(part: object): part is Template {
  return 'template' in part && Array.isArray(part.template);
}
