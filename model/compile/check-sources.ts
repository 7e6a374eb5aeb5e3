import type { SourceDocument } from '../document/document.js';
import { parseExpression } from '../expression/parse.js';
import { stepSources } from '../expression/plan-scope.js';
import { survey, type Reference } from '../expression/references.js';
import { hasExpression, splitTemplate } from '../expression/template.js';
import type { Finding } from '../finding.js';
import type { LeftOutPhase, PlannedPhase } from '../plan.js';
import type { StepSite } from '../runbook/outline.js';
import { isOf } from './owes.js';
import type { StepSurroundings } from './compile-step.js';
import { mapTexts } from './texts.js';
import { writtenWithFiles } from './written.js';

/** The document, with its steps and the files beside it. */
type Around = Pick<StepSurroundings, 'document' | 'sites' | 'file'>;

/** What of a phase tells which host has run which step. */
export type PhaseSteps = Pick<PlannedPhase, 'waves' | 'steps' | 'each'>;

/**
 * A value that is read must be there: a phase that is left out registers nothing. And it belongs to a host: on a host that did not run the step it is read from the one that did, if
 * an earlier phase ran it on exactly one; otherwise nobody could say whose value is meant.
 *
 * @param written - for each phase of the plan, which of the written ones it is
 */
export function checkSources(
  phases: readonly PhaseSteps[],
  written: readonly number[],
  around: Around,
  leftOut: readonly LeftOutPhase[] = [],
): Finding[] {
  const { sites } = around;
  const planned = phases.flatMap(({ steps }) => steps.map(({ id }) => id));
  return sites.flatMap((site) => {
    const uses = usesOf(site, around).filter(({ id }) => id !== site.id);
    if (uses.length === 0) return [];
    return phases.flatMap((phase, index) => {
      if (written[index] !== site.phase) return [];
      const acting = phase.waves.flat().filter((host) => doesRun(phase, site, host));
      const known = acting.map((host) => [host, stepSources({ phases }, index, host)] as const);
      return uses.flatMap((use) => {
        const members = membersOf(use.id, phase, site, sites, planned);
        const missing =
          members.length === 0 && acting.length > 0 && leftOut.find(({ steps }) => steps.includes(use.id));
        if (missing && !use.asksFirst && !isList(use.id, site, sites)) return [isLeftOut(missing, use)];
        const without = known.find(([, sources]) => !members.some((one) => sources.has(one)));
        // A step that is repeated over nothing has no values, and its list is empty everywhere.
        return members.length === 0 || without === undefined ? [] : [notKnown(without[0], use)];
      });
    });
  });
}

/** The steps of the plan that a step means by an id: what is repeated together names its own. */
function membersOf(
  id: string,
  { each }: PhaseSteps,
  site: StepSite,
  sites: readonly StepSite[],
  planned: readonly string[],
): readonly string[] {
  const named = sites.find((one) => one.id === id && one.undoes === undefined);
  const own = each !== undefined && named?.repetition?.index === site.repetition?.index;
  return planned.filter((one) => isOf(one, own ? `${id}.${each.key}` : id));
}

/** Of phases that are repeated without this one it is a list, which is empty where they are left out. */
function isList(id: string, site: StepSite, sites: readonly StepSite[]): boolean {
  const named = sites.find((one) => one.id === id && one.undoes === undefined);
  return named?.repetition !== undefined && named.repetition.index !== site.repetition?.index;
}

function isLeftOut({ name }: LeftOutPhase, { document, path, offset, id }: Use): Finding {
  return document.at(
    path,
    `"${id}" registers nothing here: its phase "${name}" is left out`,
    'ask before whether it is there, by the condition of that phase or by has(…)',
    offset,
  );
}

function notKnown(host: string, { document, path, offset, id }: Use): Finding {
  return document.at(
    path,
    `on ${host}, it is not known whose value of "${id}" is meant`,
    'a step of other hosts can be read from a later phase, and only where one host ran it',
    offset,
  );
}

function doesRun({ steps, each }: PhaseSteps, site: StepSite, host: string): boolean {
  const written = (site.undoes ?? site).id ?? '';
  const own = each === undefined ? written : `${written}.${each.key}`;
  return steps.some(({ id, tasks }) => isOf(id, own) && Object.hasOwn(tasks, host));
}

interface Use {
  readonly document: SourceDocument;
  readonly path: readonly (string | number)[];
  readonly offset: number;
  readonly id: string;
  /** The expression decides before it reads the value. */
  readonly asksFirst: boolean;
}

/** Every registered value that a step names without first asking whether it is there. */
function usesOf(site: StepSite, { document, file }: Around): Use[] {
  const [kind] = site.kinds;
  const given = { args: site.raw.with, base: [...site.path, 'with'], document };
  const written = kind === undefined ? given : writtenWithFiles(site, kind, document, file);
  const uses: Use[] = [];
  const collect = (path: Use['path'], expression: string, offset: number): void => {
    uses.push(
      ...stepsNamed(expression).map((reference) => ({
        document: written.document,
        path,
        offset: offset + reference.offset,
        id: reference.path[0] ?? '',
        asksFirst: /[?]|&&|[|][|]/.test(expression),
      })),
    );
  };
  const { when } = site.raw;
  if (typeof when === 'string' && !hasExpression(when)) collect([...site.path, 'when'], when, 0);
  mapTexts(written.args, written.base, (text, path) => {
    for (const piece of splitTemplate(text).pieces)
      if ('expression' in piece) collect(path, piece.expression, piece.offset);
    return text;
  });
  return uses;
}

/** An expression that asks `has(…)` knows what it does. */
function stepsNamed(expression: string): Reference[] {
  const reading = parseExpression(expression);
  if ('mistake' in reading || /\bhas\(/.test(expression)) return [];
  return survey(reading.tree).references.filter(({ root }) => root === 'steps');
}
