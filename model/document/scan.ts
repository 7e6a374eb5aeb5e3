import { CST, Lexer } from 'yaml';
import { limits } from './limits.js';

/** Something a document may not hold, by offset in its text. */
export interface Refusal {
  readonly offset: number;
  readonly problem: string;
  readonly advice: string;
}

/** Where the scan stands: how deep lists and mappings are inside one another, and what it has met. */
interface Progress {
  offset: number;
  lineStart: number;
  /** Columns of the block collections that are open. */
  columns: number[];
  /** True where the next token decides in which block collection we are: after a line's indent or a `-`. */
  fresh: boolean;
  firstOfLine: boolean;
  flow: number;
  pieces: number;
  content: boolean;
}

const plain: Readonly<Record<string, readonly [problem: string, advice: string]>> = {
  anchor: ['anchors are not read', 'write the value out, or make it a parameter'],
  alias: ['aliases are not read', 'write the value out, or make it a parameter'],
  tag: ['tags are not read', 'write a plain value; put a number that is meant as text in quotes'],
  'directive-line': ['directives are not read', 'remove the line'],
  'doc-end': ['one file holds one document', 'remove the "..."'],
};

const silent = new Set(['space', 'comment', 'comma', 'byte-order-mark']);

/**
 * Walks over a document before it is parsed. The parser calls itself for each level, so what is nested too deeply
 * must be refused before it; so must everything that could make a small text large.
 */
export function scan(text: string): Refusal[] {
  const control = findControl(text);
  if (control !== undefined) return [control];
  const progress: Progress = {
    offset: 0,
    lineStart: 0,
    columns: [],
    fresh: true,
    firstOfLine: true,
    flow: 0,
    pieces: 0,
    content: false,
  };
  const refusals: Refusal[] = [];
  let scalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    const type: string | null = scalar ? 'text' : CST.tokenType(lexeme);
    scalar = type === 'scalar';
    if (scalar || type === 'doc-mode' || type === 'flow-error-end') continue;
    const fatal = meet(type ?? 'text', lexeme, progress, refusals);
    if (fatal !== undefined) return [...refusals, fatal];
    progress.offset += lexeme.length;
  }
  return refusals;
}

/** Takes one token in; returns what makes going on pointless. */
function meet(type: string, lexeme: string, at: Progress, refusals: Refusal[]): Refusal | undefined {
  const refusal = plain[type];
  if (refusal !== undefined && refusals.length < 20)
    refusals.push({ offset: at.offset, problem: refusal[0], advice: refusal[1] });
  if (type === 'doc-start' && at.content)
    return {
      offset: at.offset,
      problem: 'one file holds one document',
      advice: 'put what follows "---" into a file of its own',
    };
  if (type !== 'space') at.pieces += 1;
  if (type === 'newline') newLine(at, lexeme);
  else if (!silent.has(type)) {
    at.content = true;
    nest(type, at);
  }
  return exceeded(type, lexeme, at);
}

function newLine(at: Progress, lexeme: string): void {
  at.lineStart = at.offset + lexeme.length;
  at.fresh = true;
  at.firstOfLine = true;
}

const indicators = new Set(['seq-item-ind', 'explicit-key-ind', 'map-value-ind']);

function nest(type: string, at: Progress): void {
  if (at.flow === 0 && at.fresh && (at.firstOfLine || indicators.has(type))) {
    const column = at.offset - at.lineStart;
    while (at.firstOfLine && (at.columns.at(-1) ?? -1) >= column) at.columns.pop();
    at.columns.push(column);
  }
  at.firstOfLine = false;
  at.fresh = indicators.has(type);
  if (type === 'flow-map-start' || type === 'flow-seq-start') at.flow += 1;
  if (type === 'flow-map-end' || type === 'flow-seq-end') at.flow = Math.max(0, at.flow - 1);
}

function exceeded(type: string, lexeme: string, at: Progress): Refusal | undefined {
  const { offset } = at;
  if (at.columns.length + at.flow > limits.depth) {
    return {
      offset,
      problem: `lists and mappings are nested more than ${limits.depth} deep`,
      advice: 'make the document flatter',
    };
  }
  if (at.pieces > limits.pieces) {
    return { offset, problem: `the document has more than ${limits.pieces} pieces`, advice: 'divide it' };
  }
  if (lexeme.length > limits.scalar && type !== 'comment') {
    return {
      offset,
      problem: `this text is longer than ${limits.scalar} characters`,
      advice: 'put it into a file beside the document',
    };
  }
  return undefined;
}

/** Control characters and halves of surrogate pairs, written as such: editors hide them, shells and logs act on them. */
function findControl(text: string): Refusal | undefined {
  const match = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/.exec(
    text,
  );
  if (match === null) return undefined;
  const code = match[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
  return {
    offset: match.index,
    problem: `the character U+${code} is invisible and may not stand in a document`,
    advice: 'remove it, or write it as an escape in double quotes',
  };
}
