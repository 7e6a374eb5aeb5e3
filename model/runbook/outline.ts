import type { Path, SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import { list, mapping, type Raw } from './mapping.js';
import { phaseSites, type RepetitionSite } from './phase-sites.js';
import { register as registerSchema } from './register.js';
import type { StepKind } from '../steps/kind.js';
import type { Vocabulary } from '../expression/vocabulary.js';
import { expressionTypeOf, type ExpressionType } from '../types/expression-type.js';
import type { ValueType } from '../types/value-type.js';
import { parameter as parameterSchema } from '../types/parameter.js';

/** A step where it stands in a runbook or fragment, whether or not it is valid. */
export interface StepSite {
  readonly path: Path;
  /** The number of its phase among all that are written, those that are repeated once. */
  readonly phase: number;
  /** What its phase is repeated with; absent in a fragment, which sees nothing of it. */
  readonly repetition?: RepetitionSite;
  readonly raw: Raw;
  readonly id: string | undefined;
  /** The kinds whose keys it has; exactly one in a valid step that calls no fragment. */
  readonly kinds: readonly StepKind[];
  /** The step that this one takes back. */
  readonly undoes?: StepSite;
  /** The fragment that it calls, or why there is none. */
  readonly called?: Loaded;
}

/** A fragment that is called, read. */
export interface CalledFragment {
  readonly document: SourceDocument;
  /** Its folder, from that of its caller; empty or with a `/` at its end. */
  readonly folder: string;
  readonly sites: readonly StepSite[];
}

export type Loaded =
  | { readonly fragment: CalledFragment }
  | { readonly problem: string; readonly advice: string }
  | { readonly findings: readonly Finding[] };

/** Reads the fragment that a step of a phase calls. */
export type LoadFragment = (written: string, phase: number) => Loaded;

/** What finding the steps of a document needs. */
interface Finder {
  readonly kinds: readonly StepKind[];
  readonly load: LoadFragment;
}

/** Every step of a runbook in reading order, those that undo others after the one they undo. */
export function stepSites(document: unknown, finder: Finder): StepSite[] {
  return phaseSites(document).flatMap(({ path, raw, repetition }, phase) =>
    sitesIn(raw.steps, [...path, 'steps'], { phase, ...(repetition && { repetition }) }, finder),
  );
}

/** The phase that steps lie in. */
type Lying = Pick<StepSite, 'phase' | 'repetition'>;

/** The steps of one list, at `base` in its document. */
export function sitesIn(steps: unknown, base: Path, lying: Lying, finder: Finder): StepSite[] {
  return list(steps).flatMap((step, position) => {
    const site = siteOf([...base, position], lying, step, finder);
    const back = list(mapping(site.raw.undo).steps).map((undo, at) => ({
      ...siteOf([...site.path, 'undo', 'steps', at], lying, undo, finder),
      undoes: site,
    }));
    return [site, ...back];
  });
}

function siteOf(path: Path, lying: Lying, step: unknown, { kinds, load }: Finder): StepSite {
  const raw = mapping(step);
  const id = typeof raw.id === 'string' ? raw.id : undefined;
  const called = typeof raw.call === 'string' ? { called: load(raw.call, lying.phase) } : {};
  return { path, ...lying, raw, id, kinds: kinds.filter(({ kind }) => Object.hasOwn(raw, kind)), ...called };
}

const usable = /^[a-z][a-z0-9_]{0,39}$/;

/** The names that a runbook's expressions can use, from what is declared, even where other parts of it are wrong. */
export function vocabularyOf(
  document: unknown,
  sites: readonly StepSite[],
  hostValues: readonly string[] | undefined,
): Vocabulary {
  const { parameters, groups, secrets } = mapping(document);
  const acting = sites.filter(({ id, undoes }) => id !== undefined && usable.test(id) && undoes === undefined);
  const every = new Map(acting.map((site) => [site.id ?? '', ownTypes(site)] as const));
  return {
    param: named(parameters, parameterType),
    groups: Object.keys(mapping(groups)).filter((name) => usable.test(name)),
    secret: named(secrets, (secret) => ('certificate_authority' in mapping(secret) ? 'authority' : 'text')),
    steps: new Map(acting.map((site) => [site.id ?? '', seenFromAfar(site, every.get(site.id ?? '') ?? new Map())])),
    every,
    hostValues,
  };
}

/** What a step registers, as it is seen by the other steps of its phase: of a repeated one, lists. */
function ownTypes({ raw }: StepSite): Map<string, ExpressionType> {
  return raw.each === undefined ? registeredTypes(raw) : gathered(registeredTypes(raw));
}

/** The same where its phase is repeated and one that is not repeated with it asks: a list, an entry each time. */
export function seenFromAfar(
  { repetition }: Pick<StepSite, 'repetition'>,
  own: ReadonlyMap<string, ExpressionType>,
): ReadonlyMap<string, ExpressionType> {
  return repetition === undefined ? own : gathered(own);
}

function named<T>(value: unknown, read: (item: unknown) => T): Map<string, T> {
  const entries = Object.entries(mapping(value)).filter(([name]) => usable.test(name));
  return new Map(entries.map(([name, item]) => [name, read(item)]));
}

/** What one step registers, by name. */
export function registeredTypes(raw: Raw): Map<string, ExpressionType> {
  return named(raw.register, registeredType);
}

/** What a repeated step has registered is a list, one entry each time. */
export function gathered(types: ReadonlyMap<string, ExpressionType>): Map<string, ExpressionType> {
  return new Map([...types].map(([name, type]) => [name, { list: type }]));
}

/** Of a parameter with mistakes it is not known what its value will be. */
function parameterType(written: unknown): ExpressionType {
  const parsed = parameterSchema.safeParse(written);
  return parsed.success ? expressionTypeOf(parsed.data) : 'dyn';
}

function registeredType(rule: unknown): ExpressionType {
  const parsed = registerSchema.safeParse(rule);
  if (!parsed.success) return 'dyn';
  const { value, type } = { value: undefined, ...parsed.data };
  return expressionTypeOf(value ?? ({ type } as ValueType));
}
