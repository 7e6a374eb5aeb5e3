import { posix } from 'node:path';
import { parse } from 'yaml';
import { mapping } from '../../../model/runbook/mapping.js';
import { sitesIn, stepSites, type StepSite } from '../../../model/runbook/outline.js';
import { writtenArguments } from '../../../model/compile/written.js';
import type { StepKind } from '../../../model/steps/kind.js';

/** A step of a runbook or fragment, as far as coverage asks. */
export interface BookStep {
  /** The document's path below `runbooks/`, without `/runbook.yaml` or `.yaml`. */
  readonly book: string;
  /** Its file below `runbooks/`. */
  readonly file: string;
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly covers: readonly string[];
  readonly provenBy: readonly string[];
  /** How the step itself proves what it did; undefined where it proves nothing. */
  readonly ownProof: string | undefined;
  /** How it goes back, in words. */
  readonly undo: string;
  /** False for a step of a fragment that no runbook calls. */
  readonly reached: boolean;
}

interface Book {
  readonly file: string;
  readonly runbook: boolean;
  readonly sites: readonly StepSite[];
}

/** @param texts - the YAML files below `runbooks/`, by their paths there; what is no runbook or fragment is passed over */
export function bookSteps(texts: ReadonlyMap<string, string>, kinds: readonly StepKind[]): BookStep[] {
  const books = [...texts].flatMap(([file, text]) => readBook(file, text, kinds));
  const reached = reachedFrom(books);
  return books.flatMap(({ file, sites }) => {
    const acting = sites.filter(({ undoes, id }) => undoes === undefined && id !== undefined);
    return acting.map((site) => bookStep(file, site, reached.has(file)));
  });
}

/** What a document is called in `proven_by` and in tables. */
export const bookName = (file: string): string => file.replace(/(?:\/runbook)?\.yaml$/, '');

function readBook(file: string, text: string, kinds: readonly StepKind[]): Book[] {
  const document = mapping(parse(text, { logLevel: 'silent' }));
  const load = () => ({ problem: '', advice: '' });
  if ('runbook' in document) return [{ file, runbook: true, sites: stepSites(document, { kinds, load }) }];
  if (!('fragment' in document)) return [];
  return [{ file, runbook: false, sites: sitesIn(document.steps, ['steps'], { phase: 0 }, { kinds, load }) }];
}

function reachedFrom(books: readonly Book[]): Set<string> {
  const calls = new Map(
    books.map(({ file, sites }) => [
      file,
      sites.flatMap(({ raw }) => (typeof raw.call === 'string' ? [posix.join(posix.dirname(file), raw.call)] : [])),
    ]),
  );
  const reached = new Set<string>();
  const next = books.filter(({ runbook }) => runbook).map(({ file }) => file);
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    next.push(...(calls.get(file) ?? []));
  }
  return reached;
}

function bookStep(file: string, { raw, id = '', kinds }: StepSite, reached: boolean): BookStep {
  const [kind] = kinds;
  const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return {
    ...{ book: bookName(file), file, id, reached },
    name: String(raw.step),
    kind: kind?.kind ?? 'call',
    covers: texts(raw.covers),
    provenBy: texts(raw.proven_by),
    ownProof: kind && ownProof(raw, kind),
    undo: kind === undefined ? 'by the steps of the fragment' : undoWords(raw, kind),
  };
}

/** Kinds that say something to people and find nothing out. */
const proveNothing = ['note'];

/** What runs a program of the author's proves nothing without an assertion; every other kind reads back or compares. */
function ownProof(raw: StepSite['raw'], kind: StepKind): string | undefined {
  if (proveNothing.includes(kind.kind)) return undefined;
  if (raw.assert !== undefined) return 'its own assertion';
  const program = kind.undo === 'author' && (kind.on ?? 'host') === 'host';
  return program ? undefined : `what \`${kind.kind}\` reads back`;
}

function undoWords(raw: StepSite['raw'], kind: StepKind): string {
  const going = kind.undoOf?.(writtenArguments({ raw }, kind)) ?? kind.undo;
  if (raw.read_only === true || going === 'nothing') return 'changes nothing';
  if (raw.undo === 'none') return `none, because: ${String(raw.because)}`;
  const steps = mapping(raw.undo).steps;
  if (Array.isArray(steps)) return `by steps: ${steps.map((step) => String(mapping(step).step)).join('; ')}`;
  return kind.undo === 'restore' ? 'to what was there before' : `by the undo that \`${kind.kind}\` names`;
}
