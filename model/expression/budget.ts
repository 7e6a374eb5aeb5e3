import type { ASTNode } from '@marcbachmann/cel-js';
import { callable } from './functions.js';
import { expressionLimits } from './limits.js';

/** Thrown where an expression has used up its steps, or begins a loop that is too long. */
export class TooCostly extends Error {
  override readonly name = 'TooCostly';
}

/** What a call of a regular expression costs before a character is read, and what each character costs. */
const pattern = { call: 1000, character: 4 };
/** What an element costs whose visit fails: loops such as `all` go on to the next one. */
const failing = 100;
/** Characters and list elements that count as one step where something walks over them. */
const perStep = { characters: 32, elements: 8 };

/**
 * Makes a tree count its steps when it is evaluated: every element that a loop visits, and everything that calls and
 * comparisons walk over. A model has no clock, so steps stand for time. A loop pays for all its elements before its
 * first one, because loops such as `all` pass over the errors of single elements.
 */
export function bound(tree: ASTNode): void {
  const { steps, elements } = expressionLimits;
  // Made once: loops that pass over errors may meet it ten thousand times.
  const over = new TooCostly(`it takes more than ${steps} steps; work on fewer or shorter values`);
  const long = new TooCostly(`a loop visits at most ${elements} elements`);
  let used = 0;
  const spend = (more: number): void => {
    used += more;
    if (used > steps) throw over;
  };
  const looks = new Map<ASTNode, Look>();
  lookInto(tree, looks, {
    spend,
    visit: (visited, body) => {
      if (visited > elements) throw long;
      spend(1 + visited * body);
    },
  });
  for (const [node, look] of looks) watch(node, look);
}

interface Till {
  readonly spend: (steps: number) => void;
  readonly visit: (elements: number, body: number) => void;
}

interface Look {
  value?: (value: unknown) => void;
  failed?: () => void;
}

/** Says for each node below what is to be done with its value. @returns how many nodes there are, with this one */
function lookInto(node: ASTNode, looks: Map<ASTNode, Look>, till: Till): number {
  const below = operands(node);
  const sizes = below.map((operand) => lookInto(operand, looks, till));
  const [receiver, ...bodies] = below;
  const price = priceOf(node);
  if (isLoop(node) && receiver !== undefined) {
    const body = sizes.slice(1).reduce((sum, size) => sum + size, 0);
    at(looks, receiver).value = (value) => till.visit(lengthOf(value), body);
    for (const visited of bodies) at(looks, visited).failed = () => till.spend(failing);
  } else if (price !== undefined) {
    for (const operand of below) at(looks, operand).value = (value) => till.spend(price(value));
  }
  return 1 + sizes.reduce((sum, size) => sum + size, 0);
}

function at(looks: Map<ASTNode, Look>, node: ASTNode): Look {
  const look = looks.get(node) ?? {};
  looks.set(node, look);
  return look;
}

/** What a node pays for each of its operands; undefined where it does not look into them. */
function priceOf(node: ASTNode): ((value: unknown) => number) | undefined {
  if (node.op === '==' || node.op === '!=' || node.op === 'in') return weight;
  if (node.op === 'call') return node.args[0] === 'matches' ? matching : walked;
  if (node.op === 'rcall') return methods[node.args[0]] ?? walked;
  return node.op === '+' || node.op === '<' || node.op === '<=' || node.op === '>' || node.op === '>='
    ? walked
    : undefined;
}

/** Methods that do more with what they walk over than look at it once. */
const methods: Readonly<Record<string, (value: unknown) => number>> = {
  join: weight,
  split: closely,
  contains: closely,
  indexOf: closely,
  lastIndexOf: closely,
};

function isLoop(node: ASTNode): boolean {
  return node.op === 'rcall' && (callable.loops as readonly string[]).includes(node.args[0]);
}

/** The nodes directly below, the receiver of a method first. */
function operands(node: ASTNode): readonly ASTNode[] {
  const args = node.args as unknown;
  return (Array.isArray(args) ? args.flat(2) : [args]).filter(isNode);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'evaluate' in value;
}

type Evaluate = (this: unknown, ...given: unknown[]) => unknown;

/**
 * Looks at each value of a node. The library puts the way in which a node is evaluated onto the node, some of them
 * only while it runs, so what it puts there is kept behind an accessor.
 */
function watch(node: ASTNode, look: Look): void {
  let inner = (node as unknown as { evaluate: Evaluate }).evaluate;
  // The first evaluation puts another one in place and calls it, within the first: it is looked at once.
  let within = false;
  const watched: Evaluate = function (this: unknown, ...given) {
    if (within) return inner.apply(this, given);
    within = true;
    try {
      const value = inner.apply(this, given);
      look.value?.(value);
      return value;
    } catch (error) {
      look.failed?.();
      throw error;
    } finally {
      within = false;
    }
  };
  Object.defineProperty(node, 'evaluate', { get: () => watched, set: (put: Evaluate) => (inner = put) });
}

function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

function walked(value: unknown): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / perStep.characters);
  return 1 + (Array.isArray(value) ? Math.floor(value.length / perStep.elements) : 0);
}

/** Each character may become a text of its own, or be held against another text more than once. */
function closely(value: unknown): number {
  return 1 + (typeof value === 'string' ? Math.floor(value.length / 4) : 0);
}

function matching(value: unknown): number {
  return pattern.call + (typeof value === 'string' ? value.length * pattern.character : 0);
}

/** Values never change, so a list that is met often is weighed once. */
const weights = new WeakMap<object, number>();

/** What walking over a value to its last leaf costs. */
function weight(value: unknown): number {
  if (typeof value !== 'object' || value === null) return walked(value);
  const known = weights.get(value);
  if (known !== undefined) return known;
  const sum = Object.values(value).reduce((total: number, item) => total + weight(item), 1);
  weights.set(value, sum);
  return sum;
}
