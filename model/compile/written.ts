import { decodeText } from '../document/decode.js';
import type { Path, SourceDocument } from '../document/document.js';
import { limits } from '../document/limits.js';
import { isConstantAt } from '../document/schema-at.js';
import type { Finding } from '../finding.js';
import { mapping, type Raw } from '../runbook/mapping.js';
import type { StepSite } from '../runbook/outline.js';
import type { StepContext, StepKind } from '../steps/kind.js';
import { plainPath } from './beside.js';
import { mapTexts } from './texts.js';

/** What a step says to its kind, and where that stands. */
export interface Written {
  /** The value of the kind's key, or one object with the keys beside it; texts of files are in their place. */
  readonly args: unknown;
  /** Where the arguments stand in the document. */
  readonly base: Path;
  /** The step's document; a finding inside of a text that lies in a file is a finding of that file. */
  readonly document: SourceDocument;
  /** Of texts that cannot be read. */
  readonly findings: readonly Finding[];
}

/** A text that lies in a file beside the document of its step. */
interface FileText {
  readonly file: string;
  readonly text: string;
}

/** What a step says to its kind: the value of the kind's key, or one object with the keys beside it. */
export function writtenArguments(site: Pick<StepSite, 'raw'>, kind: StepKind): unknown {
  if (kind.beside === undefined) return site.raw[kind.kind];
  const names = [kind.kind, ...kind.beside].filter((name) => Object.hasOwn(site.raw, name));
  return Object.fromEntries(names.map((name) => [name, site.raw[name]]));
}

/** Where the arguments stand in the document. */
export function argumentsPath(site: Pick<StepSite, 'path'>, kind: StepKind): Path {
  return kind.beside === undefined ? [...site.path, kind.kind] : site.path;
}

/** {@link writtenArguments}, with the texts read that lie in files beside the document (`content: { file: NAME }`). */
export function writtenWithFiles(
  site: StepSite,
  kind: StepKind,
  document: SourceDocument,
  read: StepContext['file'],
): Written {
  const args = writtenArguments(site, kind);
  const base = argumentsPath(site, kind);
  const named = Object.entries(mapping(args)).flatMap(([name, value]) => {
    const lies = kind.texts?.includes(name) === true && typeof value === 'object' && value !== null;
    return lies ? [{ name, reading: readText(mapping(value), document.file, read) }] : [];
  });
  if (named.length === 0) return { args, base, document, findings: [] };
  const texts = new Map(named.flatMap(({ name, reading }) => ('text' in reading ? [[name, reading] as const] : [])));
  const filled = named.map(({ name, reading }) => [name, 'text' in reading ? reading.text : ''] as const);
  return {
    args: { ...mapping(args), ...Object.fromEntries(filled) },
    base,
    document: withTexts(document, base, texts),
    findings: named.flatMap(({ name, reading }) => {
      if ('text' in reading) return [];
      return 'finding' in reading ? [reading.finding] : [document.at([...base, name, 'file'], ...reading.wrong)];
    }),
  };
}

/** {@link mapTexts} of arguments. Constant text stays as it is, and its kind refuses it: no value becomes code. */
export function mapArguments(
  { args, base }: Pick<Written, 'args' | 'base'>,
  kind: StepKind,
  replace: (text: string, path: Path) => unknown,
): unknown {
  return mapTexts(args, base, (text, path) =>
    isConstantAt(kind.schema, path.slice(base.length)) ? text : replace(text, path),
  );
}

type Reading =
  FileText | { readonly finding: Finding } | { readonly wrong: readonly [problem: string, advice: string] };

function readText({ file: name, ...more }: Raw, document: string, read: StepContext['file']): Reading {
  if (typeof name !== 'string' || Object.keys(more).length > 0)
    return { wrong: ['a text is written out, or lies in a file', 'name the file, and nothing else: { file: NAME }'] };
  const plain = plainPath(name);
  const bytes = plain === undefined ? undefined : read(plain);
  if (plain === undefined || bytes === undefined)
    return { wrong: [`there is no file "${name}" beside this document`, 'write a path below its folder'] };
  const file = document.slice(0, document.lastIndexOf('/') + 1) + plain;
  const decoded = decodeText(file, bytes);
  if ('finding' in decoded) return decoded;
  if (decoded.text.length <= limits.scalar) return { file, text: decoded.text };
  const length = `${file} has ${decoded.text.length} characters, more than ${limits.scalar}`;
  return { wrong: [length, 'a text is no longer'] };
}

function withTexts(document: SourceDocument, base: Path, texts: ReadonlyMap<string, FileText>): SourceDocument {
  return {
    ...document,
    at: (path, problem, advice, within) => {
      const found = path.length > base.length ? texts.get(String(path[base.length])) : undefined;
      if (found === undefined) return document.at(path, problem, advice, within);
      const before = found.text.slice(0, within ?? 0);
      const line = before.split('\n').length;
      const column = before.length - before.lastIndexOf('\n');
      return { file: found.file, line, column, problem, advice, severity: 'error' };
    },
  };
}
