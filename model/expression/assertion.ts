import type { ASTNode } from '@marcbachmann/cel-js';
import type { Value } from '../value.js';
import { evaluate } from './evaluate.js';
import { parseExpression } from './parse.js';
import { survey } from './references.js';
import type { Scope } from './scope.js';

type Named = Readonly<Record<string, Value>>;

/** How an assertion came out, with all that it has read besides what its own step registered, by the names it uses. */
export interface Asserted {
  readonly holds: boolean;
  readonly read: Named;
}

/** @param own - the name by which the step calls itself; @param registered - what it registered */
export function asserted(expression: string, around: Scope, own: string, registered: Named): Asserted {
  const scope = { ...around, steps: { ...around.steps, [own]: registered } };
  if (evaluate(expression, scope) === true) return { holds: true, read: {} };
  return { holds: false, read: readBy(expression, scope, own) };
}

/** Says that an assertion does not hold, and of what. @param shown - a value as it may be shown, not too long */
export function unmet(expression: string, registered: Named, read: Named, shown: (json: string) => string): string {
  const seen = Object.entries({ ...registered, ...read }).map(
    ([name, value]) => `${name} = ${shown(JSON.stringify(value))}`,
  );
  return `${expression} does not hold${seen.length > 0 ? `: ${seen.join(', ')}` : ''}`;
}

/** Fields by which people know a host in a list of hosts. */
const names = ['host', 'name'];

function readBy(expression: string, scope: Scope, own: string): Named {
  const reading = parseExpression(expression);
  if ('mistake' in reading) return {};
  const fields = new Set([...names, ...fieldsIn(reading.tree)]);
  const read: Record<string, Value> = {};
  for (const { root, path } of survey(reading.tree).references) {
    if (root === 'secret' || (root === 'steps' && path[0] === own)) continue;
    const from = (root === 'every' ? scope.every?.() : scope[root]) as Value | undefined;
    const value = path.reduce<Value | undefined>((within, name) => memberOf(within, name), from);
    if (value !== undefined) read[[root, ...path].join('.')] = reduced(value, fields);
  }
  return read;
}

function memberOf(value: Value | undefined, name: string): Value | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Named)[name] : undefined;
}

/** Of a list of records only the fields that the expression names, and whose they are. */
function reduced(value: Value, fields: ReadonlySet<string>): Value {
  if (!Array.isArray(value)) return value;
  return value.map((item: Value) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).filter(([name]) => fields.has(name)))
      : item,
  );
}

function fieldsIn(node: ASTNode): string[] {
  const below = ([node.args] as unknown[]).flat(3).filter(isNode).flatMap(fieldsIn);
  return node.op === '.' ? [node.args[1], ...below] : below;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
