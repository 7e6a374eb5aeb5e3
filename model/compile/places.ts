import type { Path } from '../document/document.js';
import type { Place } from '../expression/check.js';
import { typedEnvironment } from '../expression/vocabulary.js';
import { registeredTypes, type StepSite } from '../runbook/outline.js';
import { entryType } from './entry-type.js';

/** What expressions may name, for each place of one runbook. */
export interface Places extends Seen {
  readonly sites: readonly StepSite[];
  /** The same inside of phases that are repeated, by their number among all that stands in `phases`. */
  readonly inside: ReadonlyMap<number, Seen>;
}

type Seen = Pick<Place, 'vocabulary' | 'types' | 'each'>;

const onceForAll = {
  problem: 'this is read once for all hosts, before any is reached',
  advice: 'use parameters and groups',
};
const onlyInRun = {
  problem: 'this is read when the plan is made, and steps have not run then',
  advice: 'use parameters and groups',
};
const onlyLater = {
  problem: 'this is read when the plan is made, and what the caller gives is known only in the run',
  advice: 'use it in arguments of steps, in "when" or "assert", or give the call something that the plan knows',
};
const decides = {
  problem: 'a secret may not go here: conditions are stored and shown',
  advice: 'let a step use it, and register what the step says',
};
const shown = {
  problem: 'a secret may not go here: others could read it',
  advice: 'pass it in stdin, environment or a file of a step',
};

/**
 * Fields of phases, approvals and time limits: parameters and groups, read when the plan is made.
 *
 * @param path - where the field stands; in phases that are repeated it sees the entry
 */
export function planPlace(places: Places, path: Path = []): Place {
  const [, index, field] = path;
  const seen = field === 'phases' ? places.inside.get(Number(index)) : undefined;
  const refused = {
    host: onceForAll,
    fact: onceForAll,
    steps: onlyInRun,
    every: onlyInRun,
    secret: shown,
    late: onlyLater,
  };
  return { ...base(seen ?? places), steps: [], every: [], refused, wanted: 'any' };
}

/** The key of phases that are repeated: read once for each entry. */
export function repetitionKeyPlace(places: Places, index: number): Place {
  return planPlace(places, ['phases', index, 'phases']);
}

/** Fields of a repeated step that are read once for each entry when the plan is made: its keys. */
export function eachPlace(places: Places, site: StepSite): Place {
  return { ...planPlace(places), ...within(places, site) };
}

/** What a call gives to its fragment: what the plan knows, and values of steps before it, which the run knows. */
export function givenPlace(places: Places, site: StepSite): Place {
  const { host, fact } = planPlace(places).refused;
  const secret = { problem: 'a secret may not go here', advice: 'let the fragment name it under its "secrets"' };
  return { ...argumentPlace(places, site), refused: { ...(host && { host }), ...(fact && { fact }), secret } };
}

/** Arguments of a step's kind. Whether a secret may stand there, the kind says. */
export function argumentPlace(places: Places, site: StepSite): Place {
  return {
    ...base(places),
    ...within(places, site),
    steps: earlier(places, site),
    every: ended(places, site),
    refused: {},
    wanted: 'any',
  };
}

/** `when`: asked before the step. */
export function whenPlace(places: Places, site: StepSite): Place {
  return { ...argumentPlace(places, site), refused: { secret: decides }, wanted: 'bool' };
}

/** `assert`: asked after the step, over what it registered. */
export function assertPlace(places: Places, site: StepSite): Place {
  const own = site.id === undefined ? [] : [site.id];
  const steps = [...earlier(places, site), ...own];
  const every = ended(places, site);
  return {
    ...base(places),
    ...within(places, site, own[0]),
    steps,
    every,
    refused: { secret: decides },
    wanted: 'bool',
  };
}

function base({ vocabulary, types, each }: Seen): Seen {
  return { vocabulary, types, ...(each !== undefined && { each }) };
}

/**
 * In a repeated step: the entry, with its type; that of its phase is out of sight. To itself what it registers is
 * one value and no list.
 *
 * @param own - its id, where it sees its own values
 */
function within(places: Places, site: StepSite, own?: string): Partial<Place> {
  const seen = (site.repetition && places.inside.get(site.repetition.index)) ?? places;
  const { raw } = site.undoes ?? site;
  if (raw.each === undefined) return base(seen);
  const each = entryType(raw.each, seen);
  const steps = new Map(seen.vocabulary.steps);
  if (own !== undefined) steps.set(own, registeredTypes(raw));
  const vocabulary = { ...seen.vocabulary, steps };
  return { vocabulary, types: typedEnvironment(vocabulary, each), each };
}

/** Steps whose values can be there: those before this one; for a step that undoes another, that one too. */
function earlier({ sites }: Places, site: StepSite): string[] {
  const limit = sites.indexOf(site.undoes ?? site) + (site.undoes === undefined ? 0 : 1);
  return sites.slice(0, limit).flatMap(({ id, undoes }) => (id !== undefined && undoes === undefined ? [id] : []));
}

/** Steps of earlier phases, which have ended on all their hosts. A fragment lies in one phase, and has none. */
function ended({ sites }: Places, site: StepSite): string[] {
  return sites.flatMap(({ id, phase, undoes }) =>
    id !== undefined && undoes === undefined && phase < site.phase ? [id] : [],
  );
}
