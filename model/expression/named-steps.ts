import { parseExpression, type Root } from './parse.js';
import { survey } from './references.js';

/** The steps whose registered values an expression reads. */
export function namedSteps(expression: string): string[] {
  return namedBelow(expression, ['steps', 'every']);
}

/** The parameters that an expression reads. */
export function namedParameters(expression: string): string[] {
  return namedBelow(expression, ['param']);
}

function namedBelow(expression: string, roots: readonly Root[]): string[] {
  const reading = parseExpression(expression);
  if ('mistake' in reading) return [];
  const named = survey(reading.tree).references.filter(({ root }) => roots.includes(root));
  return [...new Set(named.flatMap(({ path }) => path.slice(0, 1)))];
}
