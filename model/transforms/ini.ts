import { insertAt } from './place-lines.js';
import { inBytes, mustBeOneLine, newLine, readLines, writeLines, type Line } from './text-lines.js';

type Keys = Readonly<Record<string, readonly string[]>>;

/** What a file of sections shall hold. The section with no name is what stands before the first header. */
export interface IniRules {
  readonly set: Readonly<Record<string, Keys>>;
  readonly unset: Readonly<Record<string, readonly string[]>>;
  /** Whether ` #` and ` ;` end a value; that comment then stays where the value changes. */
  readonly inline_comments: boolean;
}

/** A line with what it means: where it belongs, and which key it sets. */
interface IniLine extends Line {
  readonly section: string;
  readonly header: boolean;
  readonly key: string | undefined;
  /** How far the key is indented; a line without a key that stands deeper may go on the value above it. */
  readonly indent: number;
}

/**
 * Sets keys in sections of an INI file: systemd units, my.cnf, php.ini, Git's and Python's. A key keeps its spelling
 * up to the value; several values become several lines; sections of one name count as one section. Values are put as
 * they are given: quotes, where the program wants them, are the author's.
 * @throws Error where a value goes on over lines that nobody can tell from keys
 */
export function setIni(content: Uint8Array, rules: IniRules): Uint8Array {
  const original = readLines(content);
  let lines = understand(original);
  for (const [section, keys] of Object.entries(rules.unset))
    for (const key of keys) {
      mustEnd(lines, inBytes(section), inBytes(key));
      lines = lines.filter((line) => !sets(line, inBytes(section), inBytes(key)));
    }
  for (const [section, keys] of Object.entries(rules.set))
    for (const [key, values] of Object.entries(keys)) lines = setKey(lines, section, key, values, rules);
  return writeLines(lines, original);
}

function setKey(
  lines: readonly IniLine[],
  sectionText: string,
  keyText: string,
  values: readonly string[],
  rules: IniRules,
): IniLine[] {
  const [section, key] = [inBytes(sectionText), inBytes(keyText)];
  for (const value of values) mustBeOneLine(value, `the value of ${keyText}`);
  const wanted = values.map((value) => inBytes(value).trim());
  const own = lines.filter((line) => sets(line, section, key));
  const now = own.map((line) => partsOf(line.text, rules).value);
  if (now.length === wanted.length && now.every((value, index) => value === wanted[index])) return [...lines];
  mustEnd(lines, section, key);
  const head = own[0] ? partsOf(own[0].text, rules).head : key + separatorOf(lines, section);
  const texts = wanted.map(
    (value, index) => head + value + (own[index] ? partsOf(own[index].text, rules).comment : ''),
  );
  const made = texts.map((text) => ({ text, ending: newLine('', lines).ending }));
  const first = lines.findIndex((line) => sets(line, section, key));
  const placed =
    first < 0
      ? insertNew(lines, section, key, made)
      : lines.flatMap((line, index) => (index === first ? made : sets(line, section, key) ? [] : [line]));
  return understand(placed);
}

function insertNew(lines: readonly IniLine[], section: string, key: string, made: readonly Line[]): Line[] {
  const shown = lines.findLastIndex((line) => line.section === section && mentions(line.text, key));
  const last = lines.findLastIndex((line) => line.section === section && (line.key !== undefined || line.header));
  if (shown >= 0) return insertAt(lines, shown + 1, made);
  if (last >= 0) return insertAt(lines, endOfValue(lines, last), made);
  if (section === '') return insertAt(lines, 0, made);
  const { ending } = newLine('', lines);
  const gap = lines.length > 0 && lines.at(-1)?.text.trim() !== '' ? [{ text: '', ending }] : [];
  return [...lines, ...gap, { text: `[${section}]`, ending }, ...made];
}

/** The index after a key's line and the lines that its value goes on over. */
function endOfValue(lines: readonly IniLine[], at: number): number {
  const next = lines
    .slice(at + 1)
    .findIndex((line) => line.text.trim() === '' || line.header || line.indent <= (lines[at]?.indent ?? 0));
  return lines[at]?.header === true ? at + 1 : next < 0 ? lines.length : at + 1 + next;
}

function sets(line: IniLine, section: string, key: string): boolean {
  return line.section === section && line.key === key;
}

/** Joins lines that end in a backslash, and tells what each is. */
function understand(lines: readonly Line[]): IniLine[] {
  const read: IniLine[] = [];
  let section = '';
  let open: Line | undefined;
  for (const line of lines) {
    const whole: Line = open ? { text: open.text + open.ending + line.text, ending: line.ending } : line;
    open = !/^\s*[#;]/.test(whole.text) && whole.text.endsWith('\\') ? whole : undefined;
    if (open) continue;
    const header = /^[ \t]*\[([^\n]*)\][ \t]*(?:[#;].*)?$/.exec(whole.text)?.[1];
    section = header ?? section;
    const key = header === undefined ? shape.exec(whole.text)?.[2] : undefined;
    read.push({ ...whole, section, header: header !== undefined, key, indent: indentOf(whole.text) });
  }
  return open
    ? [...read, { ...open, section, header: false, key: shape.exec(open.text)?.[2], indent: indentOf(open.text) }]
    : read;
}

const shape = /^([ \t]*)([^\s#;=:[](?:[^=:\n]*[^\s=:])?)([ \t]*[=:][ \t]*)?([\s\S]*)$/;

interface Parts {
  readonly head: string;
  readonly value: string;
  readonly comment: string;
}

function partsOf(text: string, rules: IniRules): Parts {
  const [, indent = '', key = '', separator = '', rest = ''] = shape.exec(text) ?? [];
  const cut = rules.inline_comments ? /^((?:"[^"\n]*"|'[^'\n]*'|[^\n])*?)([ \t]+[#;].*)?$/.exec(rest) : null;
  return { head: indent + key + (separator || '='), value: (cut?.[1] ?? rest).trim(), comment: cut?.[2] ?? '' };
}

/** How the section's own keys are parted from their values, or else the file's. */
function separatorOf(lines: readonly IniLine[], section: string): string {
  const parted = lines.filter((line) => line.key !== undefined && shape.exec(line.text)?.[3] !== undefined);
  const model = parted.findLast((line) => line.section === section) ?? parted.at(-1);
  return (model && shape.exec(model.text)?.[3]) ?? '=';
}

/** Whether a comment shows the key with a value. */
function mentions(text: string, key: string): boolean {
  return /^[ \t]*[#;]/.test(text) && shape.exec(text.replace(/^[\s#;]+/, ''))?.[2] === key && /[=:]/.test(text);
}

function indentOf(text: string): number {
  return /^[ \t]*/.exec(text)?.[0].length ?? 0;
}

/** Python's files go on over indented lines, Git's indent keys: where both could be meant, nothing is touched. */
function mustEnd(lines: readonly IniLine[], section: string, key: string): void {
  lines.forEach((line, index) => {
    if (!sets(line, section, key)) return;
    const [above, below] = [lines[index - 1], lines[index + 1]];
    const deeper = above?.key !== undefined && line.indent > above.indent;
    const goesOn = below !== undefined && below.text.trim() !== '' && !below.header && below.indent > line.indent;
    if (deeper || goesOn)
      throw new Error('a value or key that was to change stands beside a deeper indented line, which may belong to it');
  });
}
