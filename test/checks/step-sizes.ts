import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { mapping } from '../../model/runbook/mapping.js';
import { sitesIn, stepSites, type StepSite } from '../../model/runbook/outline.js';
import { kinds } from '../../model/steps/kinds.js';
import { runProgram, top, type Check, type Found } from './check.js';

/** Lines of a screen: whoever reads a step at night sees what it does, what proves it and what takes it back. */
const screen = 50;

/** How long the steps of the runbooks and fragments are that come with Belay: an error above a screen. */
export const stepSizes: Check = {
  name: 'step sizes',
  run: async () => {
    const words = ['ls-files', '--cached', '--others', '--exclude-standard', 'runbooks/*.yaml'];
    const { output } = await runProgram('git', words);
    return judgeSteps(output.trim().split('\n').flatMap(measureFile));
  },
};

/** A step of a runbook or fragment, with the steps of its undo. */
export interface StepSize {
  readonly file: string;
  readonly line: number;
  readonly id: string;
  readonly lines: number;
}

export function judgeSteps(measured: readonly StepSize[]): Found {
  const longest = [...measured].sort((one, other) => other.lines - one.lines);
  const say = ({ file, line, id, lines }: StepSize) => `${file}:${String(line)}: ${id} has ${String(lines)} lines`;
  return {
    faults: longest
      .filter(({ lines }) => lines > screen)
      .map((size) => `${say(size)}; cut it, or put its text into a file: ${String(screen)} is a screen`),
    notes: [`${String(measured.length)} steps, none above ${String(longest[0]?.lines ?? 0)} lines`],
  };
}

/** A file that git still lists but that is gone has no steps. */
function measureFile(file: string): StepSize[] {
  try {
    return measureSteps(file, readFileSync(join(top, file), 'utf8'));
  } catch {
    return [];
  }
}

/** Every step from the line of its first key to its last line, comments inside of it included. */
export function measureSteps(file: string, text: string): StepSize[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  return stepsOf(document.toJS()).flatMap(({ path, id = '' }) => {
    const node = document.getIn(path, true);
    const [start = 0, end = 0] = isNode(node) ? (node.range ?? []) : [];
    const first = lines.linePos(start).line;
    const length = text.slice(start, end).trimEnd().split('\n').length;
    return [{ file, line: first, id, lines: length }];
  });
}

function stepsOf(document: unknown): readonly StepSite[] {
  const finder = { kinds, load: () => ({ problem: '', advice: '' }) };
  const { steps } = mapping(document);
  const sites = steps === undefined ? stepSites(document, finder) : sitesIn(steps, ['steps'], { phase: 0 }, finder);
  return sites.filter(({ undoes }) => undoes === undefined);
}
