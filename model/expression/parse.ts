import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { addFunctions } from './functions.js';
import { expressionLimits } from './limits.js';
import type { TextMistake } from './template.js';

/** The names that every expression can begin with. */
export const roots = ['param', 'host', 'groups', 'steps', 'every', 'secret', 'each'] as const;
export type Root = (typeof roots)[number];

/** An environment for expressions with Belay's functions and limits, without any name in scope. */
export function bareEnvironment(): Environment {
  const { nodes, depth } = expressionLimits;
  const limits = { maxAstNodes: nodes, maxDepth: depth, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 };
  return addFunctions(new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, limits }));
}

/** For evaluating: every root is there and holds anything; what it holds is found out on the way. */
const open = roots.reduce(
  (environment, root) => environment.registerVariable(root, 'map<string, dyn>'),
  bareEnvironment(),
);

export type Parsed = ReturnType<Environment['parse']>;

/** Reads an expression into its tree, or says why it is none. */
export function parseExpression(
  source: string,
): { readonly parsed: Parsed; readonly tree: ASTNode } | { readonly mistake: TextMistake } {
  if (source.length > expressionLimits.length) {
    return {
      mistake: {
        offset: 0,
        problem: `an expression may have ${expressionLimits.length} characters`,
        advice: 'make it shorter',
      },
    };
  }
  try {
    const parsed = open.parse(source);
    return { parsed, tree: parsed.ast };
  } catch (error) {
    return { mistake: parseMistake(error) };
  }
}

function parseMistake(error: unknown): TextMistake {
  if (!(error instanceof ParseError)) throw error;
  const tooBig = error.code === 'limit_exceeded';
  return {
    offset: error.range?.start ?? 0,
    problem: tooBig ? `this expression is too big (${error.summary})` : `this is no valid expression: ${error.summary}`,
    advice: tooBig ? 'make it simpler' : 'look for a missing quote, bracket or operator',
  };
}
