import { didYouMean } from '../did-you-mean.js';
import type { SourceDocument } from '../document/document.js';
import { checkExpression, type Place } from '../expression/check.js';
import type { Finding } from '../finding.js';
import { hasExpression } from '../expression/template.js';
import { mapping } from '../runbook/mapping.js';
import type { StepSite } from '../runbook/outline.js';
import { stepKeys, undoStepKeys } from '../runbook/step.js';
import type { StepContext, StepKind } from '../steps/kind.js';
import { compileKind } from './kind-arguments.js';
import { argumentPlace, assertPlace, eachPlace, whenPlace, type Places } from './places.js';
import { checkCall } from './check-call.js';
import { checkUndo } from './check-undo.js';
import { checkUndoneBy } from './check-undone-by.js';
import { checkedTemplate } from './texts.js';
import { argumentsPath, mapArguments, writtenWithFiles } from './written.js';

/** What checking a step needs to know of its runbook. */
export interface StepCheck {
  readonly document: SourceDocument;
  readonly places: Places;
  readonly kinds: readonly StepKind[];
  readonly context: StepContext;
}

/** All that can be said against a step without inputs and hosts. */
export function checkStep(site: StepSite, check: StepCheck): Finding[] {
  if (site.raw.call !== undefined && site.undoes === undefined)
    return [...checkId(site, check), ...checkConditions(site, check), ...checkCall(site, check)];
  const findings = [...checkKeys(site, check), ...checkId(site, check), ...checkConditions(site, check)];
  const [kind] = site.kinds;
  if (kind === undefined || site.kinds.length > 1) return findings;
  return [
    ...findings,
    ...checkUndo(site, kind, check.document),
    ...checkUndoneBy(site, check.places.sites, check.document),
    ...checkArguments(site, kind, check),
  ];
}

function checkKeys({ path, raw, kinds, undoes }: StepSite, check: StepCheck): Finding[] {
  const own = undoes === undefined ? stepKeys : undoStepKeys;
  const known = [...own, ...kinds.flatMap(({ kind, beside = [] }) => [kind, ...beside])];
  const unknown = Object.keys(raw).filter((key) => !known.includes(key));
  const names = check.kinds.map(({ kind }) => kind);
  const findings = unknown.map((key) => check.document.atKey([...path, key], ...unknownKey(key, known, check.kinds)));
  if (raw.with !== undefined && undoes === undefined)
    findings.push(check.document.atKey([...path, 'with'], '"with" stands only beside call', 'take it out'));
  if (kinds.length > 1)
    return [
      ...findings,
      check.document.atKey(
        [...path, kinds[1]?.kind ?? ''],
        `a step has one kind, and this has ${kinds.map(({ kind }) => kind).join(' and ')}`,
        'make two steps of it',
      ),
    ];
  if (kinds.length === 0 && unknown.length === 0)
    return [check.document.at(path, 'this step does nothing', `add one of ${names.join(', ')}, or call a fragment`)];
  return findings;
}

function unknownKey(
  key: string,
  known: readonly string[],
  kinds: readonly StepKind[],
): [problem: string, advice: string] {
  if (stepKeys.includes(key)) return [`a step that undoes another has no "${key}"`, 'take it out'];
  const owner = kinds.filter(({ beside }) => beside?.includes(key)).map(({ kind }) => kind);
  if (owner.length > 0) return [`"${key}" stands only beside ${owner.join(' and ')}`, 'take it out'];
  return [`the key "${key}" is not known here`, didYouMean(key, [...known, ...kinds.map(({ kind }) => kind)])];
}

function checkId(site: StepSite, { document, places }: StepCheck): Finding[] {
  const first = places.sites.find(({ id }) => id === site.id);
  if (site.id === undefined || first === site) return [];
  return [document.at([...site.path, 'id'], `there is another step with the id "${site.id}"`, 'choose another id')];
}

function checkConditions(site: StepSite, { document, places }: StepCheck): Finding[] {
  const { when, assert } = site.raw;
  const asserted = Array.isArray(assert)
    ? assert.map((one: unknown, index) => [one, [index]] as const)
    : [[assert, []] as const];
  const { key } = mapping(site.raw.each);
  const keyPlace: Place = { ...eachPlace(places, site), wanted: 'any' };
  return [
    ...checkCondition(key, [...site.path, 'each', 'key'], keyPlace, document),
    ...checkCondition(when, [...site.path, 'when'], whenPlace(places, site), document),
    ...asserted.flatMap(([one, index]) =>
      checkCondition(one, [...site.path, 'assert', ...index], assertPlace(places, site), document),
    ),
  ];
}

function checkCondition(source: unknown, path: (string | number)[], place: Place, document: SourceDocument): Finding[] {
  if (typeof source !== 'string') return [];
  if (hasExpression(source)) return [document.at(path, 'this is an expression already', 'write it without ${{ and }}')];
  return checkExpression(source, place).mistakes.map(({ offset, problem, advice }) =>
    document.at(path, problem, advice, offset),
  );
}

function checkArguments(site: StepSite, kind: StepKind, check: StepCheck): Finding[] {
  const { document, context } = check;
  const place = argumentPlace(check.places, site);
  const written = writtenWithFiles(site, kind, document, context.file);
  const found = [...written.findings];
  const args = mapArguments(written, kind, (text, path) =>
    checkedTemplate(text, path, place, (at, { offset, problem, advice }) =>
      found.push(written.document.at(at, problem, advice, offset)),
    ),
  );
  const outcome = compileKind(kind, args, written, found.length === 0 ? context : undefined);
  return [
    ...found,
    ...outcome.findings,
    ...(outcome.operation === undefined ? [] : checkOutput(site, kind, document)),
    ...checkOwed(site, kind, outcome.args, check),
  ];
}

const ofOutput = {
  register: 'register values of steps that run on hosts, or that read',
  hint: 'give hints to steps that run on hosts, or that read',
} as const;

/** What runs on a host has output, and a few others; what only waits or tells proves nothing. */
function checkOutput(
  { raw, path }: StepSite,
  { kind, on = 'host', output }: StepKind,
  document: SourceDocument,
): Finding[] {
  if (on === 'host') return [];
  const idle = (on === 'clock' || on === 'record') && raw.assert !== undefined;
  const nothing = idle
    ? [
        document.atKey(
          [...path, 'assert'],
          `a step of the kind ${kind} proves nothing`,
          'assert in the step that registers',
        ),
      ]
    : [];
  const found = Object.entries(ofOutput).flatMap(([key, advice]) =>
    raw[key] === undefined || output === true
      ? []
      : [document.atKey([...path, key], `a step of the kind ${kind} has no output`, advice)],
  );
  return [...found, ...nothing, ...checkStreams({ raw, path }, kind, document, output)];
}

/** What was read is its only output. */
function checkStreams(
  { raw, path }: Pick<StepSite, 'raw' | 'path'>,
  kind: string,
  document: SourceDocument,
  output?: boolean,
): Finding[] {
  const registered = Object.entries(mapping(raw.register)).flatMap(([name, rule]) => {
    const { from } = mapping(rule);
    return from === 'stderr' || from === 'exit'
      ? [document.at([...path, 'register', name, 'from'], `a step of the kind ${kind} has no ${from}`, 'use stdout')]
      : [];
  });
  const hinted = (output === true && Array.isArray(raw.hint) ? (raw.hint as unknown[]) : []).flatMap((hint, index) =>
    (['stderr', 'exit'] as const)
      .filter((stream) => mapping(hint)[stream] !== undefined)
      .map((stream) =>
        document.atKey([...path, 'hint', index, stream], `a step of the kind ${kind} has no ${stream}`, 'use stdout'),
      ),
  );
  return [...registered, ...hinted];
}

/** The steps that a service restarts after must come before it. */
function checkOwed(site: StepSite, kind: StepKind, args: unknown, { document, places }: StepCheck): Finding[] {
  if (args === undefined || kind.owed === undefined) return [];
  const before = argumentPlace(places, site).steps;
  return kind.owed(args).after.flatMap((id, index) => {
    if (before.includes(id)) return [];
    const later = places.sites.some((other) => other.id === id);
    const path = [...argumentsPath(site, kind), 'restart_after', index];
    return [
      later
        ? document.at(path, `the step "${id}" does not come before this one`, 'name earlier steps')
        : document.at(path, `there is no step "${id}"`, didYouMean(id, before)),
    ];
  });
}
