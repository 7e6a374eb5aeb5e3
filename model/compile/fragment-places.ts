import type { LateNames } from '../expression/sees.js';
import { typedEnvironment, type Vocabulary } from '../expression/vocabulary.js';
import { mapping } from '../runbook/mapping.js';
import { gathered, seenFromAfar, vocabularyOf, type CalledFragment, type StepSite } from '../runbook/outline.js';
import type { ExpressionType } from '../types/expression-type.js';
import { entryType, typeOfExpression } from './entry-type.js';
import type { Places } from './places.js';

/** The places of a document: what its steps register, and what the fragments give back that it calls. */
export function placesOf(vocabulary: Vocabulary, sites: readonly StepSite[]): Places {
  const [steps, every] = [new Map(vocabulary.steps), new Map(vocabulary.every)];
  for (const site of sites) {
    const { id, raw, called } = site;
    if (id === undefined || called === undefined || !('fragment' in called)) continue;
    const outputs = outputTypes(called.fragment, vocabulary);
    const own = raw.each === undefined ? outputs : gathered(outputs);
    every.set(id, own);
    steps.set(id, seenFromAfar(site, own));
  }
  const whole = { ...vocabulary, steps, every };
  const places = { vocabulary: whole, types: typedEnvironment(whole), sites };
  return { ...places, inside: insideOf(places) };
}

/** What is seen inside of each repetition of phases: its entry, and its own steps as in any other phase. */
function insideOf({ vocabulary, types, sites }: Omit<Places, 'inside'>): Places['inside'] {
  const repetitions = new Set(sites.flatMap(({ repetition }) => repetition ?? []));
  return new Map(
    [...repetitions].map(({ index, each: list }) => {
      const steps = new Map(vocabulary.steps);
      for (const { id, repetition } of sites) {
        const own = id === undefined || repetition?.index !== index ? undefined : vocabulary.every.get(id);
        if (id !== undefined && own !== undefined) steps.set(id, own);
      }
      const each = entryType(list, { vocabulary, types });
      const seen = { ...vocabulary, steps };
      return [index, { vocabulary: seen, types: typedEnvironment(seen, each), each }];
    }),
  );
}

/**
 * The places of a fragment: its own parameters and steps, the secrets that it names, and no groups.
 *
 * @param late - the parameters that are given what only the run knows
 */
export function fragmentPlaces({ document, sites }: CalledFragment, caller: Vocabulary, late?: LateNames): Places {
  const own = vocabularyOf(document.value, sites, caller.hostValues);
  const secret = new Map([...caller.secret].filter(([name]) => secretsOf(document.value).includes(name)));
  return placesOf({ ...own, groups: [], secret, ...(late && { late }) }, sites);
}

/** The secrets that a fragment says it uses. */
export function secretsOf(document: unknown): readonly unknown[] {
  const { secrets } = mapping(document);
  return Array.isArray(secrets) ? secrets : [];
}

function outputTypes(fragment: CalledFragment, caller: Vocabulary): Map<string, ExpressionType> {
  const places = fragmentPlaces(fragment, caller);
  const outputs = Object.entries(mapping(mapping(fragment.document.value).outputs));
  return new Map(
    outputs.map(([name, written]) => [name, typeof written === 'string' ? typeOfExpression(written, places) : 'dyn']),
  );
}
