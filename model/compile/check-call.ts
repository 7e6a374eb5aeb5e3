import { didYouMean } from '../did-you-mean.js';
import type { Path, SourceDocument } from '../document/document.js';
import { checkExpression, type Place } from '../expression/check.js';
import { hasExpression, splitTemplate } from '../expression/template.js';
import type { Finding } from '../finding.js';
import { fragment as schema } from '../runbook/fragment.js';
import { mapping } from '../runbook/mapping.js';
import type { CalledFragment, StepSite } from '../runbook/outline.js';
import { stepKeys } from '../runbook/step.js';
import { accept } from '../types/accept.js';
import { expressionTypeOf, type ExpressionType } from '../types/expression-type.js';
import { parameter, withDefault } from '../types/parameter.js';
import type { Parameter } from '../types/value-type.js';
import { checkDefaults } from './check-defaults.js';
import { withKeyFindings } from './check-keys.js';
import { checkStep, type StepCheck } from './check-step.js';
import { checkStructure } from './check-structure.js';
import { checkCallUndo } from './check-undone-by.js';
import { expressionSees } from './compile-step.js';
import { typeOfExpression } from './entry-type.js';
import { fragmentPlaces, secretsOf } from './fragment-places.js';
import { below } from './load-fragment.js';
import { isLateText, lateNames } from './late-values.js';
import { eachPlace, givenPlace, type Places } from './places.js';
import { checkedTemplate, mapTexts } from './texts.js';

const ownKeys = ['id', 'step', 'call', 'with', 'each', 'when', 'undo'];

/** All that can be said against a call, and against the fragment where it is called. */
export function checkCall(site: StepSite, check: StepCheck): Finding[] {
  const { document } = check;
  const { called, path } = site;
  const undo = checkCallUndo(site, check.places.sites, document);
  const found = [...checkKeys(site, check), ...checkWhen(site, check), ...undo];
  if (called === undefined) return found;
  if ('problem' in called) return [...found, document.at([...path, 'call'], called.problem, called.advice)];
  const chained = (findings: readonly Finding[]): Finding[] => throughCall(findings, site, document);
  if ('findings' in called) return [...found, ...chained(called.findings)];
  const given = checkWith(site, called.fragment, check);
  const secrets = checkSecrets(called.fragment, check.places);
  return [...found, ...given, ...chained([...secrets, ...checkFragment(called.fragment, site, check)])];
}

/** Findings in a fragment tell which call led to them. */
export function throughCall(findings: readonly Finding[], site: StepSite, document: SourceDocument): Finding[] {
  const { file, line, column } = document.at([...site.path, 'call'], '', '');
  const call = `called at ${file}:${line}:${column}`;
  return findings.map((finding) => ({
    ...finding,
    advice: finding.advice === '' ? call : `${finding.advice} (${call})`,
  }));
}

function checkKeys({ raw, path, kinds }: StepSite, { document }: StepCheck): Finding[] {
  const wrong = Object.keys(raw).filter((key) => !ownKeys.includes(key));
  return wrong.map((key) => {
    const at = [...path, key];
    if (kinds.some(({ kind, beside }) => kind === key || beside?.includes(key) === true))
      return document.atKey(
        at,
        `a step has a kind or calls a fragment, and "${key}" is of a kind`,
        'make two steps of it',
      );
    return stepKeys.includes(key)
      ? document.atKey(at, `a step that calls a fragment has no "${key}"`, 'give it to the steps of the fragment')
      : document.atKey(at, `the key "${key}" is not known here`, didYouMean(key, ownKeys));
  });
}

/** The steps of a fragment are planned or not, so that must be known then. */
function checkWhen({ raw, path }: StepSite, { document, places }: StepCheck): Finding[] {
  if (typeof raw.when !== 'string' || expressionSees(raw.when, places.vocabulary.late) === 'plan') return [];
  return [
    document.at(
      [...path, 'when'],
      'whether a fragment is called must be known when the plan is made',
      'give "when" to the steps of the fragment',
    ),
  ];
}

function checkFragment(fragment: CalledFragment, { raw }: StepSite, check: StepCheck): readonly Finding[] {
  const { document, folder, sites } = fragment;
  const { vocabulary } = check.places;
  const places = fragmentPlaces(fragment, vocabulary, lateNames(raw, vocabulary.late));
  const context = { ...check.context, file: below(check.context.file, folder) };
  return withKeyFindings(document, [
    ...checkStructure(document, places, schema),
    ...checkDefaults(document),
    ...sites.flatMap((site) => checkStep(site, { ...check, document, places, context })),
    ...checkOutputs(document, places),
  ]);
}

/** What a fragment gives back is read after all of its steps. */
function checkOutputs(document: SourceDocument, places: Places): Finding[] {
  const steps = places.sites.flatMap(({ id, undoes }) => (id !== undefined && undoes === undefined ? [id] : []));
  const problem = 'a secret may not go here: what a fragment gives back is stored and shown';
  const secret = { problem, advice: 'let its steps use it' };
  const { vocabulary, types } = places;
  const place: Place = { vocabulary, types, steps, every: [], refused: { secret }, wanted: 'any' };
  return Object.entries(mapping(mapping(document.value).outputs)).flatMap(([name, written]) => {
    const path = ['outputs', name];
    if (typeof written !== 'string') return [];
    if (hasExpression(written))
      return [document.at(path, 'this is an expression already', 'write it without ${{ and }}')];
    return checkExpression(written, place).mistakes.map(({ offset, problem: said, advice }) =>
      document.at(path, said, advice, offset),
    );
  });
}

function checkSecrets({ document }: CalledFragment, { vocabulary }: Places): Finding[] {
  return secretsOf(document.value).flatMap((name, index) =>
    typeof name !== 'string' || vocabulary.secret.has(name)
      ? []
      : [
          document.at(
            ['secrets', index],
            `its caller has no secret "${name}"`,
            didYouMean(name, [...vocabulary.secret.keys()]) || 'declare it under "secrets" there',
          ),
        ],
  );
}

/** What is given to the fragment: names it knows, all that it needs, and values of its types where they are known. */
function checkWith(site: StepSite, { document: called }: CalledFragment, check: StepCheck): Finding[] {
  const { document, places } = check;
  const declared = mapping(mapping(called.value).parameters);
  const given = mapping(site.raw.with);
  const path = [...site.path, 'with'];
  const whole = givenPlace(places, site);
  const planned = eachPlace(places, site);
  const part = { ...planned, refused: { ...planned.refused, ...whole.refused } };
  const found = Object.entries(declared).flatMap(([name, type]) =>
    Object.hasOwn(given, name) || !isNeeded(type)
      ? []
      : [
          document.atKey(
            site.raw.with === undefined ? [...site.path, 'call'] : path,
            `the fragment needs "${name}"`,
            helpOf(type),
          ),
        ],
  );
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(declared, name)) {
      const advice = didYouMean(name, Object.keys(declared));
      found.push(document.atKey([...path, name], `the fragment has no parameter "${name}"`, advice));
    }
    const before = found.length;
    let isKnown = true;
    mapTexts(value, [...path, name], (text, at) => {
      isKnown = false;
      // What only the run knows is the whole of a parameter: the parts of a value are there or not with the plan.
      return checkedTemplate(
        text,
        at,
        at.length === path.length + 1 ? whole : part,
        (where, { offset, problem, advice }) => found.push(document.at(where, problem, advice, offset)),
      );
    });
    if (typeof value === 'string' && found.length === before)
      found.push(...checkLateType(declared[name], value, [...path, name], whole, document));
    if (isKnown && found.length === before) found.push(...checkValue(declared[name], value, [...path, name], document));
  }
  return found;
}

/** A list for a text, or the other way round, is wrong whatever the run will find in it. */
function checkLateType(type: unknown, text: string, path: Path, place: Place, document: SourceDocument): Finding[] {
  const parsed = parameter.safeParse(type);
  const [piece, ...others] = splitTemplate(text).pieces;
  if (!parsed.success || piece === undefined || others.length > 0 || !('expression' in piece)) return [];
  if (!isLateText(text, place.vocabulary.late)) return [];
  const [given, wanted] = [shapeOf(typeOfExpression(piece.expression, place)), shapeOf(expressionTypeOf(parsed.data))];
  if (given === 'any' || wanted === 'any' || given === wanted) return [];
  const problem = `the fragment takes ${wanted} here, and this gives ${given}`;
  return [document.at(path, problem, helpOf(type), piece.offset)];
}

function shapeOf(type: ExpressionType): 'a list' | 'a map' | 'one value' | 'any' {
  if (typeof type === 'string') return type === 'dyn' ? 'any' : 'one value';
  return 'list' in type ? 'a list' : 'a map';
}

function checkValue(type: unknown, value: unknown, path: Path, document: SourceDocument): Finding[] {
  const parsed = parameter.safeParse(type);
  const accepted = parsed.success ? accept(parsed.data, value) : { mistakes: [] };
  if ('value' in accepted) return [];
  return accepted.mistakes.map((mistake) => document.at([...path, ...mistake.path], mistake.problem, mistake.advice));
}

function isNeeded(type: unknown): boolean {
  const parsed = parameter.safeParse(type);
  return parsed.success && !withDefault(parsed.data);
}

function helpOf(type: unknown): string {
  const { help, type: name } = mapping(type) as Partial<Parameter>;
  return help ?? `give it a ${String(name)}`;
}
