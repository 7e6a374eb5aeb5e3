import type { SourceDocument } from '../document/document.js';
import { parseExpression } from '../expression/parse.js';
import { stepSources } from '../expression/plan-scope.js';
import { survey, type Reference } from '../expression/references.js';
import { hasExpression, splitTemplate } from '../expression/template.js';
import type { Finding } from '../finding.js';
import type { PlannedPhase } from '../plan.js';
import type { StepSite } from '../runbook/outline.js';
import { argumentsPath, writtenArguments } from './kind-arguments.js';
import { isOf } from './owes.js';
import { mapTexts } from './texts.js';

/** What of a phase tells which host has run which step. */
export type PhaseSteps = Pick<PlannedPhase, 'waves' | 'steps'>;

/**
 * A registered value belongs to a host. On a host that did not run the step it is read from the one that did, if
 * an earlier phase ran it on exactly one; otherwise nobody could say whose value is meant.
 */
export function checkSources(
  phases: readonly PhaseSteps[],
  sites: readonly StepSite[],
  document: SourceDocument,
): Finding[] {
  const planned = phases.flatMap(({ steps }) => steps.map(({ id }) => id));
  return sites.flatMap((site) => {
    const uses = usesOf(site);
    const hosts = uses.length === 0 ? [] : (phases[site.phase]?.waves.flat() ?? []);
    const known = hosts.map((host) => [host, stepSources({ phases }, site.phase, host)] as const);
    return uses.flatMap(({ path, offset, id }) => {
      const members = planned.filter((one) => isOf(one, id));
      // A step that is repeated over nothing has no values, and its list is empty everywhere.
      if (members.length === 0) return [];
      const without = known.find(
        ([host, sources]) => !members.some((one) => sources.has(one)) && doesRun(phases, site, host),
      );
      if (without === undefined || id === site.id) return [];
      return [
        document.at(
          path,
          `on ${without[0]}, it is not known whose value of "${id}" is meant`,
          'a step of other hosts can be read from a later phase, and only where one host ran it',
          offset,
        ),
      ];
    });
  });
}

function doesRun(phases: readonly PhaseSteps[], site: StepSite, host: string): boolean {
  const own = (site.undoes ?? site).id ?? '';
  return (phases[site.phase]?.steps ?? []).some(({ id, tasks }) => isOf(id, own) && Object.hasOwn(tasks, host));
}

interface Use {
  readonly path: readonly (string | number)[];
  readonly offset: number;
  readonly id: string;
}

/** Every registered value that a step names without first asking whether it is there. */
function usesOf(site: StepSite): Use[] {
  const [kind] = site.kinds;
  const uses: Use[] = [];
  const collect = (path: Use['path'], expression: string, offset: number): void => {
    uses.push(
      ...stepsNamed(expression).map((reference) => ({
        path,
        offset: offset + reference.offset,
        id: reference.path[0] ?? '',
      })),
    );
  };
  const { when } = site.raw;
  if (typeof when === 'string' && !hasExpression(when)) collect([...site.path, 'when'], when, 0);
  if (kind === undefined) return uses;
  mapTexts(writtenArguments(site, kind), argumentsPath(site, kind), (text, path) => {
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
