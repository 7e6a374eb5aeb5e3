const escapes: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/**
 * Where the character at `offset` of a scalar's value stands in its source. Quotes, escapes, indentation and folded
 * lines make the two differ; they are walked over side by side.
 *
 * @param source - the scalar as written, from its first quote or its block header
 */
export function alignOffset(source: string, value: string, offset: number): number {
  const quote = source[0] === '"' || source[0] === "'" ? source[0] : '';
  const block = source[0] === '|' || source[0] === '>';
  let at = block ? source.indexOf('\n') + 1 : quote.length;
  let index = 0;
  while (index < offset && at < source.length) {
    if (quote === '"' && source[at] === '\\') {
      const length = escapeLength(source, at);
      index += source[at + 1] === '\n' ? 0 : decodedLength(source, at);
      at += length;
    } else if (quote === "'" && source[at] === "'" && source[at + 1] === "'") {
      at += 2;
      index += 1;
    } else if (source[at] === value[index] && source[at] !== '\n') {
      at += 1;
      index += 1;
    } else {
      [at, index] = pastBreak(source, value, at, index, offset);
    }
  }
  return skipIndent(source, value, at, index);
}

/** A line break of the source, its indentation, and what became of them in the value. */
function pastBreak(source: string, value: string, at: number, index: number, offset: number): [number, number] {
  if (source[at] !== '\n') return [at + 1, index];
  const folded = value[index] === ' ' || value[index] === '\n';
  return [at + 1, folded && index < offset ? index + 1 : index];
}

function skipIndent(source: string, value: string, at: number, index: number): number {
  let end = at;
  while (end < source.length && source[end] !== value[index] && /\s/.test(source[end] ?? '')) end += 1;
  return end;
}

function escapeLength(source: string, at: number): number {
  return escapes[source[at + 1] ?? ''] ?? 2;
}

function decodedLength(source: string, at: number): number {
  if (source[at + 1] !== 'U') return 1;
  return Number.parseInt(source.slice(at + 2, at + 10), 16) > 0xffff ? 2 : 1;
}
