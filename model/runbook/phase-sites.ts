import type { Path } from '../document/document.js';
import { list, mapping, type Raw } from './mapping.js';

/** Phases that are repeated together, where they stand in a runbook. */
export interface RepetitionSite {
  /** Its number among all that stands in `phases`. */
  readonly index: number;
  /** The list that they are repeated over, as written. */
  readonly each: unknown;
}

/** A phase where it stands in a runbook, whether or not it is valid. */
export interface PhaseSite {
  readonly path: Path;
  readonly raw: Raw;
  /** What it is repeated with; absent where it is carried out once. */
  readonly repetition?: RepetitionSite;
}

/** Every phase of a runbook in reading order, those that are repeated once. */
export function phaseSites(document: unknown): PhaseSite[] {
  return list(mapping(document).phases).flatMap((item, index) => {
    const raw = mapping(item);
    const path = ['phases', index];
    if (!isRepetition(raw)) return [{ path, raw }];
    const repetition = { index, each: raw.each };
    return list(raw.phases).map((inner, at) => ({ path: [...path, 'phases', at], raw: mapping(inner), repetition }));
  });
}

/** All that is repeated, in reading order. */
export function repetitionSites(document: unknown): RepetitionSite[] {
  return list(mapping(document).phases).flatMap((item, index) => {
    const raw = mapping(item);
    return isRepetition(raw) ? [{ index, each: raw.each }] : [];
  });
}

/** True for what stands in `phases` and holds phases of its own. */
export function isRepetition(raw: Raw): boolean {
  return Object.hasOwn(raw, 'each') || Object.hasOwn(raw, 'phases');
}
