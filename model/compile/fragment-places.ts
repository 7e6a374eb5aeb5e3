import { typedEnvironment, type Vocabulary } from '../expression/vocabulary.js';
import { gathered, mapping, vocabularyOf, type CalledFragment, type StepSite } from '../runbook/outline.js';
import type { ExpressionType } from '../types/expression-type.js';
import { typeOfExpression } from './entry-type.js';
import type { Places } from './places.js';

/** The places of a document: what its steps register, and what the fragments give back that it calls. */
export function placesOf(vocabulary: Vocabulary, sites: readonly StepSite[]): Places {
  const steps = new Map(vocabulary.steps);
  for (const { id, raw, called } of sites) {
    if (id === undefined || called === undefined || !('fragment' in called)) continue;
    const outputs = outputTypes(called.fragment, vocabulary);
    steps.set(id, raw.each === undefined ? outputs : gathered(outputs));
  }
  const whole = { ...vocabulary, steps };
  return { vocabulary: whole, types: typedEnvironment(whole), sites };
}

/** The places of a fragment: its own parameters and steps, the secrets that it names, and no groups. */
export function fragmentPlaces({ document, sites }: CalledFragment, caller: Vocabulary): Places {
  const own = vocabularyOf(document.value, sites, caller.hostValues);
  const secret = new Map([...caller.secret].filter(([name]) => secretsOf(document.value).includes(name)));
  return placesOf({ ...own, groups: [], secret }, sites);
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
