import type { Path, SourceDocument } from '../document/document.js';
import { hasExpression } from '../expression/template.js';
import type { Finding } from '../finding.js';

/**
 * Keys that hold an expression. They are read as they stand, so that the names in a plan are those that its author
 * wrote; of such a key nothing else is said.
 *
 * @param findings - what else was found in the document
 */
export function withKeyFindings(document: SourceDocument, findings: readonly Finding[]): readonly Finding[] {
  const keys = keysBelow(document.value, [])
    .filter((path) => hasExpression(String(path.at(-1))))
    .map((path) =>
      document.atKey(path, 'no expression may stand in a key', 'write the key out, or repeat over a list'),
    );
  const isAtOne = (other: Finding): boolean =>
    keys.some(({ file, line, column }) => file === other.file && line === other.line && column === other.column);
  return [...keys, ...findings.filter((one) => !isAtOne(one))];
}

function keysBelow(value: unknown, path: Path): Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => keysBelow(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...path, key], ...keysBelow(item, [...path, key])]);
}
