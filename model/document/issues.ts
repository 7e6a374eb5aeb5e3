import type { z } from 'zod';
import { didYouMean } from '../did-you-mean.js';
import type { Finding } from '../finding.js';
import type { Path, SourceDocument } from './document.js';
import { describedAt, keysAt } from './schema-at.js';

export type Issue = z.core.$ZodIssue;

/** Where the validated value stands in its document, and which places are not known yet. */
export interface IssuePlace {
  readonly document: SourceDocument;
  /** The schema that was asked, for the names it knows. */
  readonly schema: z.ZodType;
  /** Path of the validated value in the document. */
  readonly base: Path;
  /** Path inside the document of a path inside the value, where the two differ. */
  readonly locate?: (path: Path) => Path;
  /** True where an expression stands whose value nobody knows yet: nothing can be said against it. */
  readonly unknown?: (path: Path, issue: Issue) => boolean;
  /** Better words for what is wrong at a path. */
  readonly reword?: (path: Path, issue: Issue) => readonly [problem: string, advice: string] | undefined;
  /** Offset, in the text at a path, of what is probably meant. */
  readonly within?: (path: Path) => number | undefined;
}

/** What a schema has against a value, in the words of this project and with positions. */
export function findingsOf(error: z.ZodError, place: IssuePlace): Finding[] {
  return error.issues.flatMap((issue) => fromIssue(issue, [], place));
}

function fromIssue(issue: Issue, above: Path, place: IssuePlace): Finding[] {
  const path = [...above, ...(issue.path as (string | number)[])];
  if (place.unknown?.(path, issue)) return [];
  const reworded = place.reword?.(path, issue);
  if (reworded !== undefined) return [place.document.at(whereOf(path, place), ...reworded, place.within?.(path))];
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return issue.input === undefined ? [missing(path, place)] : fromUnion(issue.errors, path, place);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, place));
  const where = whereOf(path, place);
  if (issue.code === 'invalid_key')
    return [place.document.atKey(where, issue.issues[0]?.message ?? 'this name is not allowed', '')];
  const [problem, advice] = wording(issue, path, place);
  return [place.document.at(where, problem, advice, place.within?.(path))];
}

/** Of several alternatives, what the one says that was probably meant: the one which got furthest. */
function fromUnion(alternatives: readonly (readonly Issue[])[], path: Path, place: IssuePlace): Finding[] {
  const all = alternatives.map((issues) => issues.flatMap((issue) => fromIssue(issue, path, place)));
  if (all.some((findings) => findings.length === 0)) return [];
  const nearest = bestKnown(alternatives);
  if (nearest !== undefined) return all[nearest] ?? [];
  const depth = (issues: readonly Issue[]): number =>
    Math.max(...issues.map((issue) => issue.path.length + (issue.code === 'invalid_type' ? 0 : 0.5)));
  const depths = alternatives.map(depth);
  const deepest = Math.max(...depths);
  if (deepest > 0) return all[depths.indexOf(deepest)] ?? [];
  const wanted = alternatives.flatMap((issues) =>
    issues.flatMap((issue) => (issue.code === 'invalid_type' ? [said(issue.expected)] : [])),
  );
  return [
    place.document.at(whereOf(path, place), `this must be ${[...new Set(wanted)].join(' or ')}`, adviceAt(path, place)),
  ];
}

/** Where all alternatives are mappings: the one whose keys were written, if one fits better than the others. */
function bestKnown(alternatives: readonly (readonly Issue[])[]): number | undefined {
  const isMapping = (issues: readonly Issue[]): boolean =>
    issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys');
  if (!alternatives.every(isMapping)) return undefined;
  const strange = alternatives.map((issues) =>
    issues.reduce(
      (sum, issue) => sum + (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys.length : 0),
      0,
    ),
  );
  const [fewest] = [...strange].sort((a, b) => a - b);
  const nearest = strange.flatMap((count, index) => (count === fewest ? [index] : []));
  return nearest.length === 1 ? nearest[0] : undefined;
}

function missing(path: Path, place: IssuePlace): Finding {
  return place.document.at(whereOf(path, place), `"${String(path.at(-1) ?? '')}" is missing`, adviceAt(path, place));
}

function unknownKey(key: string, path: Path, place: IssuePlace): Finding {
  const known = keysAt(place.schema, path);
  return place.document.atKey(
    [...whereOf(path, place), key],
    `the key "${key}" is not known here`,
    didYouMean(key, known),
  );
}

function whereOf(path: Path, place: IssuePlace): Path {
  return [...place.base, ...(place.locate?.(path) ?? path)];
}

function wording(issue: Issue, path: Path, place: IssuePlace): [problem: string, advice: string] {
  if (issue.code === 'invalid_type') return typeWording(issue, path, place);
  if (issue.code === 'invalid_value') return [`this must be ${oneOf(issue.values)}`, didYouMeanValue(issue)];
  if (issue.code === 'invalid_union') return unionWording(issue, path, place);
  if (issue.code === 'too_small' || issue.code === 'too_big') return [sizeWording(issue), adviceAt(path, place)];
  const [problem = issue.message, ...advice] = issue.message.split('; ');
  return [problem, advice.join('; ')];
}

/** A mapping whose kind is told by one of its keys, and that key says none of the kinds. */
function unionWording(issue: Issue, path: Path, place: IssuePlace): [string, string] {
  const { discriminator, options = [] } = issue as { discriminator?: string; options?: readonly unknown[] };
  if (discriminator === undefined) return ['this fits none of what may stand here', adviceAt(path, place)];
  const given = (issue.input as Record<string, unknown> | undefined)?.[discriminator];
  const known = options.map(String);
  if (typeof given === 'string')
    return [`"${given}" is no ${discriminator} that is known here`, didYouMean(given, known)];
  return [`"${discriminator}" must be one of ${known.join(', ')}`, adviceAt(path, place)];
}

function typeWording(issue: Extract<Issue, { code: 'invalid_type' }>, path: Path, place: IssuePlace): [string, string] {
  if (issue.message !== '' && !issue.message.startsWith('Invalid input')) return [issue.message, adviceAt(path, place)];
  if (issue.input === undefined && /received undefined$/.test(issue.message))
    return [`"${String(path.at(-1) ?? '')}" is missing`, adviceAt(path, place)];
  return [`this must be ${said(issue.expected)}`, adviceAt(path, place)];
}

function sizeWording(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const [word, limit] = issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' entries' : '';
  return issue.origin === 'string' && limit === 1 ? 'this must not be empty' : `this must be ${word} ${limit}${unit}`;
}

function didYouMeanValue(issue: Extract<Issue, { code: 'invalid_value' }>): string {
  const advice = typeof issue.input === 'string' ? didYouMean(issue.input, issue.values.map(String)) : '';
  return advice.startsWith('did you mean') ? advice : '';
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;
}

function adviceAt(path: Path, place: IssuePlace): string {
  const about = describedAt(place.schema, path);
  const name = path.findLast((step) => typeof step === 'string');
  return about === undefined ? '' : `${String(name ?? 'here')}: ${about}`;
}

function said(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
    null: 'nothing',
  };
  return names[type] ?? type;
}
