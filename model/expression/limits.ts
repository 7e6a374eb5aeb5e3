/** What an expression may take at most, so that evaluating it always ends soon. */
export const expressionLimits = {
  /** UTF-16 units of its source. */
  length: 2000,
  /** Nodes of its syntax tree. */
  nodes: 400,
  /** Brackets, calls and selections inside one another. */
  depth: 32,
  /** Loops (`map`, `filter`, `all`, `exists`) inside one another. */
  loops: 2,
  /** Elements visited, and pieces of texts and lists walked over, in one evaluation. */
  steps: 3_000_000,
  /** Elements that one loop visits. */
  elements: 10_000,
  /** UTF-16 units of a regular expression, and of the text it is held against. */
  pattern: 500,
  subject: 65_536,
  /** Expressions in one text. */
  holes: 200,
} as const;
