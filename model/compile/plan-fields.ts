import type { Path } from '../document/document.js';

/** Below a phase, and in a step, where expressions may stand besides the arguments of its kind. */
const phaseFields = ['hosts', 'serial', 'max_failures', 'approval'];
const stepFields = ['timeout', 'retry', 'lost_after'];

/** True where an expression may stand that is read once, when the plan is made. */
export function isPlanField(path: Path): boolean {
  const [top, , field, below] = withoutRepetition(path);
  if (top === 'hints') return path.at(-1) === 'advice';
  const inner = withinStep(path);
  if (inner === undefined)
    return top === 'phases' && (phaseFields.includes(String(field)) || (field === 'each' && below !== 'key'));
  const [name, second] = inner;
  if (name === 'hint') return path.at(-1) === 'advice';
  if (name === 'each') return second !== 'key';
  return stepFields.includes(String(name));
}

/** True for the hosts of a phase: the names that an expression gives there are found in the inventory. */
export function isHosts(path: Path): boolean {
  const [top, , field, ...below] = withoutRepetition(path);
  return top === 'phases' && field === 'hosts' && below.length === 0;
}

/** True for the CEL that says whether a phase is done at all. */
export function isPhaseCondition(path: Path): boolean {
  const [top, , field, ...below] = withoutRepetition(path);
  return top === 'phases' && field === 'when' && below.length === 0;
}

/** The path to a phase that is repeated, or into it, as if that phase stood by itself. */
function withoutRepetition(path: Path): Path {
  const [top, , field, phase] = path;
  return top === 'phases' && field === 'phases' && phase !== undefined ? [top, phase, ...path.slice(4)] : path;
}

/** The path below a step, or below a step that undoes another; undefined outside of steps. */
function withinStep(written: Path): Path | undefined {
  const path = withoutRepetition(written);
  const start = path[0] === 'steps' ? 2 : path[0] === 'phases' && path[2] === 'steps' ? 4 : undefined;
  if (start === undefined) return undefined;
  const inner = path.slice(start);
  return inner[0] === 'undo' && inner[1] === 'steps' ? inner.slice(3) : inner;
}

/** True where CEL stands as it is, without `${{` and `}}`. */
export function isExpressionField(path: Path): boolean {
  const [top, , field, below] = path;
  if (top === 'outputs') return true;
  if (top === 'phases' && field === 'each') return below === 'key';
  if (isPhaseCondition(path)) return true;
  const [name, second] = withinStep(path) ?? [];
  return name === 'when' || name === 'assert' || (name === 'each' && second === 'key');
}
