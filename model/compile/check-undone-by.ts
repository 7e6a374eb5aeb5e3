import { didYouMean } from '../did-you-mean.js';
import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import { mapping } from '../runbook/mapping.js';
import type { StepSite } from '../runbook/outline.js';
import { undoneByPattern } from '../runbook/step.js';
import { writtenArguments } from './written.js';

/** A problem and what to do about it. */
type Wrong = readonly [problem: string, advice: string];

/** Whether the steps that are to take another one back come before it, and have an undo of their own. */
export function checkUndoneBy(site: StepSite, sites: readonly StepSite[], document: SourceDocument): Finding[] {
  const { by } = mapping(site.raw.undo);
  const named = Array.isArray(by) ? by.map((one: unknown, index) => [one, [index]] as const) : [[by, []] as const];
  return named.flatMap(([id, index]) => {
    // What can be no id is said of the structure.
    if (typeof id !== 'string' || !undoneByPattern.test(id)) return [];
    const wrong = wrongWith(id, site, sites);
    return wrong === undefined ? [] : [document.at([...site.path, 'undo', 'by', ...index], ...wrong)];
  });
}

/** Whether what stands beside a call says by which step that goes back which its fragment cannot undo. */
export function checkCallUndo(site: StepSite, sites: readonly StepSite[], document: SourceDocument): Finding[] {
  const { raw, path } = site;
  if (raw.undo === undefined) return [];
  if (!Object.hasOwn(mapping(raw.undo), 'by'))
    return [
      document.atKey([...path, 'undo'], 'beside a call "undo" says only "by"', 'say it of the steps of the fragment'),
    ];
  if (site.called !== undefined && 'fragment' in site.called && !hasNone(site.called.fragment.sites))
    return [document.atKey([...path, 'undo'], `each step of ${String(raw.call)} goes back by itself`, 'take it out')];
  return checkUndoneBy(site, sites, document);
}

/** Whether a step among these, or of a fragment that they call, cannot be undone. */
function hasNone(sites: readonly StepSite[]): boolean {
  return sites.some(({ raw, called, undoes }) => {
    if (undoes !== undefined) return false;
    if (called === undefined) return raw.undo === 'none';
    return raw.undo === undefined && 'fragment' in called && hasNone(called.fragment.sites);
  });
}

function wrongWith(named: string, site: StepSite, sites: readonly StepSite[]): Wrong | undefined {
  const [first = '', ...inner] = named.split('.');
  const before = acting(sites.slice(0, sites.indexOf(site)));
  const taker = before.find(({ id }) => id === first);
  if (taker !== undefined) return wrongWithTaker(taker, first, inner);
  return acting(sites).some(({ id }) => id === first)
    ? [`the step "${first}" does not come before this one`, 'name an earlier step']
    : [`there is no step "${first}"`, didYouMean(first, idsOf(before)) || 'name an earlier step of this document'];
}

function wrongWithTaker(taker: StepSite, path: string, inner: readonly string[]): Wrong | undefined {
  const [next, ...rest] = inner;
  if (taker.called === undefined)
    return next === undefined ? wrongWithUndo(taker, path) : [`"${path}" calls no fragment`, `write "${path}" alone`];
  if (!('fragment' in taker.called)) return undefined;
  const steps = acting(taker.called.fragment.sites);
  if (next === undefined) return [`"${path}" calls a fragment, whose steps go back one by one`, nameOne(steps, path)];
  const one = steps.find(({ id }) => id === next);
  if (one !== undefined) return wrongWithTaker(one, `${path}.${next}`, rest);
  return [`the fragment that "${path}" calls has no step "${next}"`, didYouMean(next, idsOf(steps))];
}

function nameOne(steps: readonly StepSite[], path: string): string {
  const able = steps.filter((step) => step.called !== undefined || wrongWithUndo(step, '') === undefined);
  if (able.length === 0) return 'none of them has an undo of its own';
  return `name the one whose undo takes this back: ${idsOf(able)
    .map((id) => `${path}.${id}`)
    .join(', ')}`;
}

/** Why the undo of a step takes nothing back; undefined where it may. */
function wrongWithUndo(taker: StepSite, path: string): Wrong | undefined {
  const [kind] = taker.kinds;
  if (kind === undefined) return undefined;
  const { undo, read_only } = taker.raw;
  const going = kind.undoOf?.(writtenArguments(taker, kind)) ?? kind.undo;
  if (read_only === true || going === 'nothing')
    return [`"${path}" changes nothing, so its undo takes nothing back`, 'name a step that goes back'];
  if (undo === 'none') return [`"${path}" cannot be undone itself`, 'name a step that goes back'];
  const { by } = mapping(undo);
  return by === undefined ? undefined : [`"${path}" goes back by another step itself`, 'name that one'];
}

function acting(sites: readonly StepSite[]): StepSite[] {
  return sites.filter(({ undoes }) => undoes === undefined);
}

function idsOf(sites: readonly StepSite[]): string[] {
  return sites.flatMap(({ id }) => id ?? []);
}
