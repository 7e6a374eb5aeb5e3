// cspell:ignore bcdefghi
import { describe, expect, it } from 'vitest';
import { formatFinding } from '../../model/finding.js';
import { readDocument } from '../../model/document/read.js';

const read = (text: string) => readDocument('x.yaml', new TextEncoder().encode(text));

const nested = (count: number, indent: (level: number) => string): string =>
  Array.from({ length: count }, (_, level) => indent(level)).join('\n');

const bombs: Readonly<Record<string, string>> = {
  'a billion laughs': `a: &a [x]\n${'bcdefghi'
    .split('')
    .map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(9)}]`)
    .join('\n')}`,
  '20,000 open brackets': '['.repeat(20_000),
  '20,000 open braces': '{a: '.repeat(20_000),
  '20,000 dashes on a line': `${'- '.repeat(20_000)}a`,
  '20,000 question marks on a line': `${'? '.repeat(20_000)}a`,
  '20,000 colons on a line': `${': '.repeat(20_000)}a`,
  'dashes and question marks in turn': `${'- ? '.repeat(20_000)}a`,
  '1,000 levels by indentation': nested(1000, (level) => `${' '.repeat(level)}a:`),
  '1,000 levels of lists by indentation': nested(1000, (level) => `${' '.repeat(level)}-`),
  'a scalar of 10 MiB': `a: ${'x'.repeat(10_485_760)}`,
  'a scalar of 900 KiB': `a: "${'x'.repeat(921_600)}"`,
  'a block of 900 KiB': `a: |\n${' x\n'.repeat(300_000)}`,
  'half a million entries': `[${'a,'.repeat(500_000)}]`,
  'half a million commas': `[${','.repeat(500_000)}`,
  'half a million lines': '\n'.repeat(500_000),
  'half a million empty lists': '[],'.repeat(300_000),
  'merge keys': `a: {b: 1}\n${'<<: {c: 1}\n'.repeat(1000)}`,
  'a function': 'a: !!js/function "function () {}"',
  'a prototype': '__proto__: { polluted: true }',
};

/**
 * Milliseconds of processor time in which any of these must be refused, on a slow machine, too: a usual one takes up to
 * 80. What grows with a square takes minutes.
 */
const atOnce = 500;

/**
 * The quickest of a few readings: others on the machine slow a processor down, and the first reading may pay for
 * compiling the reader itself.
 */
function quickest(bytes: Uint8Array, first: number): number {
  let best = first;
  for (let readings = 1; readings < 8 && best >= atOnce; readings += 1)
    best = Math.min(best, timed(bytes).milliseconds);
  return best;
}

/** Reads, and tells the processor time that took: other programs on the machine do not count. */
function timed(bytes: Uint8Array): ReturnType<typeof readDocument> & { readonly milliseconds: number } {
  const start = process.cpuUsage();
  const reading = readDocument('bomb.yaml', bytes);
  const { user, system } = process.cpuUsage(start);
  return { ...reading, milliseconds: (user + system) / 1000 };
}

describe('a hostile document', () => {
  it.each(Object.keys(bombs))('%s is refused at once, in bounded memory', (name) => {
    const bytes = new TextEncoder().encode(bombs[name] ?? '');
    const before = process.memoryUsage().rss;
    const first = timed(bytes);
    const grown = process.memoryUsage().rss - before;
    expect(first.document).toBeUndefined();
    expect(first.findings.length).toBeGreaterThan(0);
    expect(first.findings.length).toBeLessThanOrEqual(1001);
    expect(quickest(bytes, first.milliseconds)).toBeLessThan(atOnce);
    // When memory is given back is for the collector to decide; what is not bounded takes gigabytes.
    expect(grown).toBeLessThan(200 * 1024 * 1024);
  });

  it('leaves the prototype of objects alone', () => {
    read('__proto__: { polluted: true }\na: { __proto__: { polluted: true } }');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('an honest document', () => {
  it('may be 60 levels deep', () => {
    expect(read(nested(60, (level) => `${' '.repeat(level)}a:`)).findings).toEqual([]);
    expect(read(`${'['.repeat(60)}${']'.repeat(60)}`).findings).toEqual([]);
  });

  it('may hold a shell script full of brackets', () => {
    const script = 'if [[ a ]]; then { echo "{{{{[[[["; }; fi\n'.repeat(200);
    const { document } = read(`a: |\n${script.replace(/^(?=.)/gm, '  ')}`);
    expect(document?.value).toEqual({ a: script });
  });

  it('may have 2,500 lines', () => {
    const start = process.cpuUsage();
    const { document } = read(Array.from({ length: 2500 }, (_, line) => `key${line}: { a: 1, b: [x, y] }`).join('\n'));
    expect(Object.keys(document?.value as object)).toHaveLength(2500);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(5000);
  });

  it('reads yes, no and 0640 as what they are in YAML 1.2', () => {
    expect(read('a: yes\nb: no\nc: 0640\nd: true\ne: "0640"\nf: 1e3\n').document?.value).toEqual({
      a: 'yes',
      b: 'no',
      c: 640,
      d: true,
      e: '0640',
      f: 1000,
    });
  });
});

/** Where the mark ^ in a value is said to be, by line and column. */
const written: readonly (readonly [form: string, text: string])[] = [
  ['plain', 'a: one two^'],
  ['plain over two lines', 'a: one\n  two^'],
  ['single quotes', "a: 'it''s two^'"],
  ['single quotes over two lines', "a: 'one\n\n   two^'"],
  ['double quotes', 'a: "one\\t\\u00e9\\x41 \\"two^\\""'],
  ['double quotes with a big character', 'a: "\\U0001F600 two^"'],
  ['double quotes with an escaped line break', 'a: "one\\\n   two^"'],
  ['a literal block', 'a: |\n  one\n\n    two^\n'],
  ['a literal block with an indentation mark', 'a: |2-\n    one\n  two^\n'],
  ['a folded block', 'a: >-\n  one\n  two^\n'],
  ['a folded block with a paragraph', 'a: >\n  one\n\n  two^\n'],
  ['a list in a list', 'a:\n  - - two^\n'],
];

describe('a place inside a text', () => {
  it.each(written)('is found in %s', (_form, text) => {
    const { document } = read(text);
    if (document === undefined) throw new Error('not read');
    const before = text.slice(0, text.indexOf('^'));
    const [line, column] = [before.split('\n').length, before.length - before.lastIndexOf('\n')];
    const path = text.includes('- -') ? ['a', 0, 0] : ['a'];
    const value = path.reduce<unknown>(
      (at, name) => (at as Record<string | number, unknown>)[name],
      document.value,
    ) as string;
    expect(formatFinding(document.at(path, 'here', '', value.indexOf('^')))).toBe(`x.yaml:${line}:${column}: here`);
  });
});
