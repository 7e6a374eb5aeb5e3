import type { Path, SourceDocument } from '../document/document.js';
import { checkExpression, type Place } from '../expression/check.js';
import { hasExpression } from '../expression/template.js';
import type { Finding } from '../finding.js';
import { list, mapping, type Raw } from '../runbook/mapping.js';
import { isRepetition, phaseSites, repetitionSites } from '../runbook/phase-sites.js';
import { planPlace, repetitionKeyPlace, type Places } from './places.js';

/** Whether the keys of phases that are repeated can be read, and no such phases stand inside others. */
export function checkRepetitions(document: SourceDocument, places: Places): Finding[] {
  return repetitionSites(document.value).flatMap(({ index, each }) => [
    ...checkKey(mapping(each).key, ['phases', index, 'each', 'key'], document, places),
    ...checkPlacing(index, document),
  ]);
}

/** Whether what says that a phase is done can be read when the plan is made. */
export function checkPhaseConditions(document: SourceDocument, places: Places): Finding[] {
  return phaseSites(document.value).flatMap(({ path: phase, raw }) => {
    const path = [...phase, 'when'];
    return checkExpressionAt(raw.when, path, { ...planPlace(places, path), wanted: 'bool' }, document);
  });
}

function checkKey(key: unknown, path: Path, document: SourceDocument, places: Places): Finding[] {
  return checkExpressionAt(key, path, repetitionKeyPlace(places, Number(path[1])), document);
}

function checkExpressionAt(written: unknown, path: Path, place: Place, document: SourceDocument): Finding[] {
  if (typeof written !== 'string') return [];
  if (hasExpression(written))
    return [document.at(path, 'this is an expression already', 'write it without ${{ and }}')];
  return checkExpression(written, place).mistakes.map(({ offset, problem, advice }) =>
    document.at(path, problem, advice, offset),
  );
}

function checkPlacing(index: number, document: SourceDocument): Finding[] {
  const item = itemAt(document.value, index);
  if (!Object.hasOwn(item, 'phases') && Object.hasOwn(item, 'phase'))
    return [
      document.atKey(
        ['phases', index, 'each'],
        'what is repeated stands under "phases"',
        'write "- each: …" with "phases:" below it, and put this phase there',
      ),
    ];
  return list(item.phases).flatMap((inner, at) =>
    isRepetition(mapping(inner))
      ? [
          document.at(
            ['phases', index, 'phases', at],
            'phases that are repeated do not stand inside others',
            'repeat over one list that holds every pair, or repeat steps of a phase with "each"',
          ),
        ]
      : [],
  );
}

/** True where repeated phases are not where they can stand, of which that alone is said. */
export function isMisplaced(document: unknown, path: Path): boolean {
  const [top, index, field, inner] = path;
  if (top !== 'phases') return false;
  const item = itemAt(document, Number(index));
  if (isRepetition(item) && !Object.hasOwn(item, 'phases') && Object.hasOwn(item, 'phase')) return true;
  return field === 'phases' && typeof inner === 'number' && isRepetition(mapping(list(item.phases)[inner]));
}

function itemAt(document: unknown, index: number): Raw {
  return mapping(list(mapping(document).phases)[index]);
}
