import type { ASTNode } from '@marcbachmann/cel-js';
import { didYouMean } from '../did-you-mean.js';
import { callable } from './functions.js';
import { expressionLimits } from './limits.js';
import { roots, type Root } from './parse.js';
import type { TextMistake } from './template.js';

/** One thing that an expression names: a root and the names written after it, such as `steps`, [`ping`, `pong`]. */
export interface Reference {
  readonly root: Root;
  readonly path: readonly string[];
  /** Where the root and each of the names begin. */
  readonly offset: number;
  readonly offsets: readonly number[];
}

/** All that an expression names and calls, and what of it is not allowed. */
export interface Survey {
  readonly references: readonly Reference[];
  readonly mistakes: readonly TextMistake[];
}

interface Walk {
  readonly references: Reference[];
  readonly mistakes: TextMistake[];
}

/** What is known where the walk stands: names given by loops, and how many loops are around. */
interface Around {
  readonly locals: readonly string[];
  readonly loops: number;
}

/** Walks over a tree and collects what it names. Names must be written out, so that all of them can be checked. */
export function survey(tree: ASTNode): Survey {
  const walk: Walk = { references: [], mistakes: [] };
  visit(tree, { locals: [], loops: 0 }, walk);
  return walk;
}

function visit(node: ASTNode, around: Around, walk: Walk): void {
  if (node.op === 'id' || node.op === '.' || node.op === '[]') return visitAccess(node, around, walk);
  if (node.op === 'call') return visitCall(node.args[0], node.args[1], node, around, walk);
  if (node.op === 'rcall') return visitMethod(node.args[0], node.args[1], node.args[2], node, around, walk);
  for (const inner of operands(node)) visit(inner, around, walk);
}

/** The nodes directly below one that neither names nor calls anything. */
function operands(node: ASTNode): readonly ASTNode[] {
  if (node.op === 'value') return [];
  const { args } = node as { readonly args: unknown };
  return (Array.isArray(args) ? args.flat() : [args]) as ASTNode[];
}

/** A chain such as `steps.ping.pong` or `groups.cache[0].address`, unrolled from its end to its first name. */
function visitAccess(node: ASTNode, around: Around, walk: Walk): void {
  const names: { name: string | undefined; offset: number }[] = [];
  let base = node;
  while (base.op === '.' || base.op === '[]') {
    names.unshift(accessed(base, around, walk));
    base = base.args[0];
  }
  if (base.op !== 'id') return visit(base, around, walk);
  const name = base.args;
  if (around.locals.includes(name)) return;
  if (!isRoot(name)) return unknownName(name, base.start, around, walk);
  const written = names.findIndex((step) => step.name === undefined);
  const path = (written === -1 ? names : names.slice(0, written)) as { name: string; offset: number }[];
  if (path.length === 0) return unnamed(name, base.start, walk);
  walk.references.push({
    root: name,
    path: path.map((step) => step.name),
    offset: base.start,
    offsets: path.map((step) => step.offset),
  });
}

function accessed(node: ASTNode, around: Around, walk: Walk): { name: string | undefined; offset: number } {
  if (node.op === '.') return { name: node.args[1], offset: node.pos };
  const index = (node as Extract<ASTNode, { op: '[]' }>).args[1];
  if (index.op === 'value' && typeof index.args === 'string') return { name: index.args, offset: index.start };
  visit(index, around, walk);
  return { name: undefined, offset: index.start };
}

function isRoot(name: string): name is Root {
  return (roots as readonly string[]).includes(name);
}

function unknownName(name: string, offset: number, around: Around, walk: Walk): void {
  const advice = didYouMean(name, [...roots, ...around.locals]);
  walk.mistakes.push({
    offset,
    problem: `"${name}" is not known here`,
    advice: advice.startsWith('known') ? `${advice}; text goes in quotes` : advice,
  });
}

function unnamed(root: Root, offset: number, walk: Walk): void {
  walk.mistakes.push({
    offset,
    problem: `"${root}" alone is no value`,
    advice: `write the name after it, such as ${root}.name`,
  });
}

function visitCall(name: string, args: readonly ASTNode[], node: ASTNode, around: Around, walk: Walk): void {
  if (!(callable.functions as readonly string[]).includes(name)) {
    walk.mistakes.push({
      offset: node.start,
      problem: `there is no function "${name}"`,
      advice: didYouMean(name, callable.functions),
    });
  }
  for (const arg of args) visit(arg, around, walk);
}

function visitMethod(
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  node: ASTNode,
  around: Around,
  walk: Walk,
): void {
  if (name === 'matches') {
    walk.mistakes.push({
      offset: node.pos,
      problem: '"matches" is a function here',
      advice: 'write matches(text, "pattern"); patterns are RE2',
    });
  } else if (!(callable.methods as readonly string[]).includes(name)) {
    walk.mistakes.push({
      offset: node.pos,
      problem: `there is no method "${name}"`,
      advice: didYouMean(name, callable.methods),
    });
    return;
  }
  visit(receiver, around, walk);
  if ((callable.loops as readonly string[]).includes(name)) return visitLoop(args, node, around, walk);
  for (const arg of args) visit(arg, around, walk);
}

function visitLoop(args: readonly ASTNode[], node: ASTNode, around: Around, walk: Walk): void {
  const [variable, ...bodies] = args;
  const local = variable?.op === 'id' ? variable.args : undefined;
  if (local === undefined) return;
  if (isRoot(local))
    walk.mistakes.push({
      offset: variable?.start ?? 0,
      problem: `"${local}" has a meaning of its own`,
      advice: 'give the element another name',
    });
  if (around.loops >= expressionLimits.loops) {
    walk.mistakes.push({
      offset: node.pos,
      problem: `more than ${expressionLimits.loops} loops inside one another`,
      advice: 'register a value in a step of its own',
    });
  }
  const inside = { locals: [...around.locals, local], loops: around.loops + 1 };
  for (const body of bodies) visit(body, inside, walk);
}
