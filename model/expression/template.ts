import { expressionLimits } from './limits.js';

/** A piece of a text as written: constant, or the expression of a `${{ … }}` with its offset in the text. */
export type Piece = { readonly constant: string } | { readonly expression: string; readonly offset: number };

/** A mistake inside a text or an expression, by offset. */
export interface TextMistake {
  readonly offset: number;
  readonly problem: string;
  readonly advice: string;
}

export const opening = '${{';
const closing = '}}';

/** True where `text` has an expression in it. */
export function hasExpression(text: string): boolean {
  return text.includes(opening);
}

/** Cuts a text at its `${{ … }}`. Strings and maps inside an expression may hold braces of their own. */
export function splitTemplate(text: string): {
  readonly pieces: readonly Piece[];
  readonly mistakes: readonly TextMistake[];
} {
  const pieces: Piece[] = [];
  let from = 0;
  for (let start = text.indexOf(opening); start !== -1; start = text.indexOf(opening, from)) {
    const end = endOfExpression(text, start + opening.length);
    if (end === undefined)
      return {
        pieces,
        mistakes: [
          mistake(
            start,
            'this expression has no end',
            `close it with "}}" within ${expressionLimits.length} characters`,
          ),
        ],
      };
    if (start > from) pieces.push({ constant: text.slice(from, start) });
    pieces.push(trimmed(text, start + opening.length, end));
    from = end + closing.length;
  }
  if (from < text.length) pieces.push({ constant: text.slice(from) });
  return {
    pieces,
    mistakes:
      pieces.length > 2 * expressionLimits.holes
        ? [mistake(0, `this text has more than ${expressionLimits.holes} expressions`, 'divide it')]
        : emptyOnes(pieces),
  };
}

function emptyOnes(pieces: readonly Piece[]): TextMistake[] {
  return pieces.flatMap((piece) =>
    'expression' in piece && piece.expression === ''
      ? [mistake(piece.offset, 'this expression is empty', 'name a value, such as param.port')]
      : [],
  );
}

function trimmed(text: string, start: number, end: number): Piece {
  const raw = text.slice(start, end);
  return { expression: raw.trim(), offset: start + raw.length - raw.trimStart().length };
}

const quoted = /^(?:"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/;

/** Offset of the `}}` that ends the expression which begins at `from`. */
function endOfExpression(text: string, from: number): number | undefined {
  let braces = 0;
  const last = Math.min(text.length, from + expressionLimits.length);
  for (let at = from; at < last; at += 1) {
    const char = text[at];
    if (char === '"' || char === "'") at = endOfString(text, at);
    else if (char === '{') braces += 1;
    else if (char === '}' && braces > 0) braces -= 1;
    else if (char === '}' && text[at + 1] === '}') return at;
  }
  return undefined;
}

/** Offset of the last character of the string that begins at `at`; `at` itself where it never ends. */
function endOfString(text: string, at: number): number {
  const match = quoted.exec(text.slice(at, at + expressionLimits.length));
  return match === null ? at : at + match[0].length - 1;
}

function mistake(offset: number, problem: string, advice: string): TextMistake {
  return { offset, problem, advice };
}
