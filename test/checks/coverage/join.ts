import type { BookStep } from './marks.js';
import type { Corrections, Item, Numbering } from './numbering.js';

/** A number with the steps that meet it. */
export interface Row {
  readonly item: Item;
  readonly steps: readonly MeetingStep[];
}

/** A step that meets a number, with the steps of other places that prove it. */
export interface MeetingStep {
  readonly step: BookStep;
  readonly proofs: readonly BookStep[];
}

export interface Joined {
  /** By the id of each number. */
  readonly rows: ReadonlyMap<string, Row>;
  readonly faults: readonly string[];
}

const at = ({ book, id }: BookStep): string => `${book}:${id}`;
const itemsOf = ({ parts }: Numbering): Item[] => parts.flatMap(({ items }) => items);

/** Brings numbers and marks together, and finds what is met by nothing, proven by nothing, or marked in vain. */
export function join(
  numberings: readonly Numbering[],
  steps: readonly BookStep[],
  corrections: Corrections = {},
): Joined {
  const ids = numberings.flatMap((one) => itemsOf(one).map(({ id }) => id));
  const known = new Map(steps.map((step) => [at(step), step]));
  const met = new Map<string, MeetingStep[]>(ids.map((id) => [id, []]));
  const faults: string[] = [];
  for (const step of steps) {
    const { proofs, faults: unproven } = proofsOf(step, known);
    const { covered, faults: unknown } = coveredBy(step, ids);
    for (const id of covered) met.get(id)?.push({ step, proofs });
    faults.push(...[...unproven, ...unknown].map((fault) => `${at(step)}: ${fault}`));
  }
  const rows = new Map(
    numberings.flatMap(itemsOf).map((item) => [item.id, { item, steps: met.get(item.id) ?? [] }] as const),
  );
  for (const one of numberings)
    for (const item of itemsOf(one)) faults.push(...judge(item, met.get(item.id) ?? [], one.complete, corrections));
  return { rows, faults };
}

function judge(
  { id, does, otherwise, corrected }: Item,
  met: readonly MeetingStep[],
  complete: boolean,
  known: Corrections,
): string[] {
  const faults = corrected
    .filter((key) => !Object.hasOwn(known, key))
    .map((key) => `${id}: there is no correction ${key}`);
  const [first] = met;
  if (otherwise !== undefined && first !== undefined)
    faults.push(`${id} is met by ${at(first.step)}, and said to be had otherwise: take out one of the two`);
  if (complete && otherwise === undefined && first === undefined) faults.push(`${id} is met by no step: ${does}`);
  return faults;
}

/** The numbers that a step's marks name, with those between the ends of a range. */
function coveredBy({ covers }: BookStep, ids: readonly string[]): { covered: Set<string>; faults: string[] } {
  const covered = new Set<string>();
  const faults: string[] = [];
  for (const mark of covers) {
    const [from = '', to = from] = mark.split('..');
    const [start, end] = [ids.indexOf(from), ids.indexOf(to)];
    const absent = [...new Set([from, to])].filter((id) => !ids.includes(id));
    faults.push(...absent.map((id) => `covers ${id}, which no numbering has`));
    if (absent.length > 0) continue;
    if (end < start || prefix(from) !== prefix(to)) faults.push(`covers ${mark}, which is no range`);
    else
      for (const id of ids.slice(start, end + 1)) {
        if (covered.has(id)) faults.push(`covers ${id} twice`);
        covered.add(id);
      }
  }
  return { covered, faults };
}

const prefix = (id: string): string => id.slice(0, id.indexOf('-'));

function proofsOf(step: BookStep, known: ReadonlyMap<string, BookStep>): { proofs: BookStep[]; faults: string[] } {
  const faults: string[] = [];
  const proofs = step.provenBy.flatMap((written) => {
    const proof = known.get(written.includes(':') ? written : `${step.book}:${written}`);
    if (proof === undefined) faults.push(`is proven by ${written}, which is not there`);
    else if (proof.ownProof === undefined) faults.push(`is proven by ${written}, which asserts nothing`);
    else if (!proof.reached) faults.push(`is proven by ${written}, in a fragment that no runbook calls`);
    return proof ?? [];
  });
  if (step.covers.length === 0) return { proofs, faults };
  if (step.ownProof === undefined && step.provenBy.length === 0)
    faults.push('covers numbers and proves nothing: add "assert" or "proven_by"');
  if (!step.reached) faults.push('covers numbers in a fragment that no runbook calls');
  return { proofs, faults };
}
