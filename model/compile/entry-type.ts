import { splitTemplate } from '../expression/template.js';
import { parseExpression } from '../expression/parse.js';
import { survey, type Reference } from '../expression/references.js';
import { mapping } from '../runbook/mapping.js';
import type { ExpressionType } from '../types/expression-type.js';
import type { Places } from './places.js';

/** The type of the entries that a step is repeated over, as far as it can be told before the plan is made. */
export function entryType(each: unknown, places: Pick<Places, 'vocabulary' | 'types' | 'each'>): ExpressionType {
  const list = Array.isArray(each) || typeof each === 'string' ? each : mapping(each).in;
  if (Array.isArray(list)) return typeOfAll(list);
  if (typeof list !== 'string') return 'dyn';
  const { pieces } = splitTemplate(list);
  const [piece] = pieces;
  if (pieces.length !== 1 || piece === undefined || !('expression' in piece)) return 'dyn';
  const type = typeOfExpression(piece.expression, places);
  return typeof type === 'object' && 'list' in type ? type.list : 'dyn';
}

function typeOfAll(list: readonly unknown[]): ExpressionType {
  if (list.every((item) => typeof item === 'string' && !item.includes('${{'))) return 'string';
  return list.every((item) => Number.isSafeInteger(item)) ? 'int' : 'dyn';
}

/** The type of an expression: exact where it only names something, else as far as the library tells. */
export function typeOfExpression(
  expression: string,
  { vocabulary, types, each }: Pick<Places, 'vocabulary' | 'types' | 'each'>,
): ExpressionType {
  const reading = parseExpression(expression);
  if ('mistake' in reading) return 'dyn';
  const [reference] = survey(reading.tree).references;
  const written = reference === undefined ? '' : [reference.root, ...reference.path].join('.');
  if (reference !== undefined && written === expression.trim()) return typeOfReference(reference, vocabulary, each);
  return plainType(types.check(expression).type ?? 'dyn');
}

function typeOfReference(
  { root, path }: Reference,
  vocabulary: Places['vocabulary'],
  each: ExpressionType = 'dyn',
): ExpressionType {
  const [first = '', second = '', ...rest] = path;
  if (root === 'groups') return { list: { map: 'dyn' } };
  if (root === 'each') return first === 'value' ? below(each, [second, ...rest].filter(Boolean)) : 'int';
  if (root === 'param') return below(vocabulary.param.get(first), [second, ...rest].filter(Boolean));
  if (root === 'steps') return below(vocabulary.steps.get(first)?.get(second), rest);
  return 'dyn';
}

function below(type: ExpressionType = 'dyn', path: readonly string[]): ExpressionType {
  return path.reduce<ExpressionType>((at, name) => {
    if (typeof at === 'string' || 'list' in at) return 'dyn';
    return 'map' in at ? at.map : (at.fields[name] ?? 'dyn');
  }, type);
}

function plainType(name: string): ExpressionType {
  const inner = /^list<(.*)>$/.exec(name)?.[1];
  if (inner !== undefined) return { list: plainType(inner) };
  return (['string', 'int', 'double', 'bool'] as const).find((known) => known === name) ?? 'dyn';
}
