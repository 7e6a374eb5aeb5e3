import type { Path } from '../document/document.js';

/** Below a phase, and in a step, where expressions may stand besides the arguments of its kind. */
const phaseFields = ['serial', 'max_failures', 'approval'];
const stepFields = ['timeout', 'retry', 'lost_after'];

/** True where an expression may stand that is read once, when the plan is made. */
export function isPlanField(path: Path): boolean {
  const [top, , field] = path;
  if (top === 'hints') return path.at(-1) === 'advice';
  const inner = withinStep(path);
  if (inner === undefined) return top === 'phases' && phaseFields.includes(String(field));
  const [name, second] = inner;
  if (name === 'hint') return path.at(-1) === 'advice';
  if (name === 'each') return second !== 'key';
  return stepFields.includes(String(name));
}

/** The path below a step, or below a step that undoes another; undefined outside of steps. */
function withinStep(path: Path): Path | undefined {
  const start = path[0] === 'steps' ? 2 : path[0] === 'phases' && path[2] === 'steps' ? 4 : undefined;
  if (start === undefined) return undefined;
  const inner = path.slice(start);
  return inner[0] === 'undo' && inner[1] === 'steps' ? inner.slice(3) : inner;
}

/** True where CEL stands as it is, without `${{` and `}}`. */
export function isExpressionField(path: Path): boolean {
  if (path[0] === 'outputs') return true;
  const [name, second] = withinStep(path) ?? [];
  return name === 'when' || name === 'assert' || (name === 'each' && second === 'key');
}
