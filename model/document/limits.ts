/** What a document may hold at most, so that a hostile one is refused at once and in bounded memory. */
export const limits = {
  /** Bytes of a document. */
  document: 1_048_576,
  /** UTF-16 units of one scalar; anything longer belongs into a file beside the document. */
  scalar: 65_536,
  /** Lists and mappings inside one another. */
  depth: 64,
  /** Pieces of a document: scalars, brackets, commas, marks, line breaks, comments. A line of a runbook has about five. */
  pieces: 50_000,
} as const;
