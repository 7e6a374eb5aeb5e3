import { parseExpression } from './parse.js';
import { survey } from './references.js';

/** The steps whose registered values an expression reads. */
export function namedSteps(expression: string): string[] {
  const reading = parseExpression(expression);
  if ('mistake' in reading) return [];
  const steps = survey(reading.tree).references.filter(({ root }) => root === 'steps' || root === 'every');
  return [...new Set(steps.flatMap(({ path }) => path.slice(0, 1)))];
}
