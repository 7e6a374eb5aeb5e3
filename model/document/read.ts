import { LineCounter, parseDocument, type Node, type YAMLError } from 'yaml';
import type { Finding } from '../finding.js';
import { decodeText } from './decode.js';
import { sourceDocument, type SourceDocument } from './document.js';
import { plainValue } from './plain-value.js';
import { scan } from './scan.js';

/** What reading a document came to: either may be there, and findings tell why no document is. */
export interface Reading {
  readonly document?: SourceDocument;
  readonly findings: readonly Finding[];
}

/**
 * Reads a YAML 1.2 document (JSON is YAML) with a position for everything in it; never throws.
 *
 * @param bytes - undefined where there is no such file
 */
export function readDocument(file: string, bytes: Uint8Array | undefined): Reading {
  if (bytes === undefined)
    return {
      findings: [{ file, line: 0, column: 0, problem: 'there is no such file', advice: '', severity: 'error' }],
    };
  const decoded = decodeText(file, bytes);
  if ('finding' in decoded) return { findings: [decoded.finding] };
  const { text } = decoded;
  const lines = new LineCounter();
  const found = (offset: number, problem: string, advice: string): Finding => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), problem, advice, severity: 'error' };
  };
  const refusals = scan(text);
  if (refusals.length > 0)
    return {
      findings: refusals.map((refusal) =>
        found(countLines(lines, text, refusal.offset), refusal.problem, refusal.advice),
      ),
    };
  const parsed = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
  });
  if (parsed.errors.length > 0)
    return {
      findings: parsed.errors.slice(0, 20).map((error) => found(error.pos[0], problemOf(error), adviceOf(error))),
    };
  const root = parsed.contents as Node | null;
  const { value, mistakes } = plainValue(root);
  if (mistakes.length > 0)
    return { findings: mistakes.map((mistake) => found(mistake.offset, mistake.problem, mistake.advice)) };
  return { document: sourceDocument(file, text, root, value, lines), findings: [] };
}

/** Tells the counter of the lines up to an offset: a refused text never meets the parser that would. */
function countLines(lines: LineCounter, text: string, offset: number): number {
  if (lines.lineStarts.length === 0) {
    lines.addNewLine(0);
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  }
  return offset;
}

function problemOf(error: YAMLError): string {
  return `this is no valid YAML: ${error.message.replace(/ at line \d+.*$/s, '')}`;
}

function adviceOf(error: YAMLError): string {
  if (error.code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (error.code === 'BAD_SCALAR_START') return 'put the text in quotes';
  if (error.code === 'BAD_INDENT') return 'put what belongs together in one column';
  if (error.code === 'MISSING_CHAR') return 'look for a quote, bracket or comma that is not there';
  return 'look at indentation, quotes and brackets here';
}
