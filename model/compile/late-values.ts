import { splitTemplate, hasExpression } from '../expression/template.js';
import type { LateNames } from '../expression/sees.js';
import { mapping, type Raw } from '../runbook/mapping.js';
import { expressionSees } from './compile-step.js';

/**
 * The parameters of a fragment that a call gives what only the run knows.
 *
 * @param late - those of the caller, where it is a fragment itself
 */
export function lateNames({ with: given }: Raw, late: LateNames | undefined): LateNames {
  const names = Object.entries(mapping(given)).filter(
    ([, value]) => typeof value === 'string' && isLateText(value, late),
  );
  return new Set(names.map(([name]) => name));
}

/** True for a text with something in it that only the run knows. */
export function isLateText(text: string, late: LateNames | undefined): boolean {
  if (!hasExpression(text)) return false;
  return splitTemplate(text).pieces.some(
    (piece) => 'expression' in piece && expressionSees(piece.expression, late) === 'run',
  );
}
