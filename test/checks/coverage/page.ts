import type { Joined, MeetingStep, Row } from './join.js';
import type { BookStep } from './marks.js';
import type { Corrections, Item, Numbering } from './numbering.js';

/** The table of one numbering: each number, what meets it, what proves that, and how it goes back. */
export function coveragePage(
  numbering: Numbering,
  source: string,
  { rows }: Pick<Joined, 'rows'>,
  corrections: Corrections,
): string {
  const items = numbering.parts.flatMap(({ items }) => items);
  const own = items.flatMap(({ id }) => rows.get(id) ?? []);
  const cited = Object.keys(corrections).filter((key) => items.some(({ corrected }) => corrected.includes(key)));
  return [
    `# ${numbering.title}`,
    '',
    `<!-- Joined from ${source} and the marks in runbooks by test/checks/coverage/write.ts; do not edit. -->`,
    '',
    `${numbering.about} ${standing(own)}`,
    '',
    ...numbering.parts.flatMap(({ part, source: file, items: inPart }) => [
      `## ${part}`,
      '',
      ...(file === undefined ? [] : [`Lines of ${file}.`, '']),
      ...table(
        inPart.flatMap(({ id }) => rows.get(id) ?? []),
        numbering.features,
      ),
      '',
    ]),
    ...(cited.length === 0 ? [] : setRight(cited, corrections)),
  ].join('\n');
}

/** How many numbers are had, and how. */
function standing(rows: readonly Row[]): string {
  const stepped = rows.filter(({ steps }) => steps.length > 0).length;
  const other = rows.filter(({ item }) => item.otherwise !== undefined).length;
  const far = `**${String(stepped + other)} of ${String(rows.length)} covered so far**`;
  if (other === 0) return `${far}.`;
  return `${far}: ${String(stepped)} by steps of runbooks, ${String(other)} otherwise.`;
}

function table(rows: readonly Row[], features: boolean): string[] {
  const head = features
    ? '| Number | Line | What it does | Had by | Proven by | Goes back |'
    : '| Number | Line | What it does | Set right | Runbook and step | Proven by | Goes back |';
  const columns = head.split('|').length - 2;
  return [head, `|${' --- |'.repeat(columns)}`, ...rows.map((row) => tableRow(row, features))];
}

function tableRow({ item, steps }: Row, features: boolean): string {
  const right = item.corrected.map((key) => `[${key}](#set-right-${key})`).join(', ');
  const cells = [
    item.id,
    String(item.line ?? ''),
    item.does,
    ...(features ? [] : [right]),
    steps.length > 0 ? steps.map(({ step }) => `${link(step)}: ${step.name}`).join('<br>') : had(item),
    steps.map(proofs).join('<br>'),
    steps.map(({ step }) => step.undo).join('<br>'),
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function had({ otherwise }: Item): string {
  if (otherwise === undefined) return 'nothing yet';
  if (otherwise.how === 'left-out') return `left out: ${otherwise.because}`;
  return `${otherwise.how === 'engine' ? 'engine' : 'later'}, ${otherwise.where}: ${otherwise.because}`;
}

function proofs({ step, proofs: elsewhere }: MeetingStep): string {
  const own = step.ownProof === undefined ? [] : [step.ownProof];
  return [...own, ...elsewhere.map((proof) => `${link(proof)}: ${proof.name}`)].join('; ');
}

const link = ({ book, file, id }: BookStep): string => `[\`${book}\` \`${id}\`](../../runbooks/${file})`;

/** A text as one cell of a table. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');

function setRight(cited: readonly string[], corrections: Corrections): string[] {
  return [
    '## Set right',
    '',
    'Where the source is wrong or unsafe, a step reaches the same end in another way.',
    '',
    '| | In the source | Instead |',
    '| --- | --- | --- |',
    ...cited.map((key) => {
      const { wrong = '', instead = '' } = corrections[key] ?? {};
      return `| <a id="set-right-${key}"></a>${key} | ${cell(wrong)} | ${cell(instead)} |`;
    }),
    '',
  ];
}
