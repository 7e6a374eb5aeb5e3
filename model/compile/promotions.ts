import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import { holesOf, secretsIn } from '../holes.js';
import type { Plan, PlannedSecret } from '../plan.js';

/** A next value that a plan uses is promoted by it, and nothing else is: servers would have what never becomes current. */
export function checkPromotions(plan: Pick<Plan, 'phases' | 'secrets'>, document: SourceDocument): Finding[] {
  const operations = plan.phases.flatMap((phase) => phase.steps.flatMap((step) => step.operations));
  const promoted = secretsIn(holesOf(operations.filter(({ on }) => on === 'secrets')), plan);
  const used = secretsIn(holesOf(plan.phases), plan);
  return Object.entries(plan.secrets).flatMap(([name, secret]) => {
    const path = ['secrets', name];
    if (isNext(secret) && used.includes(name) && !promoted.includes(name))
      return [
        document.atKey(
          path,
          'the plan uses this next value, and no step makes it the current one',
          'add a step "secret.promote" after the last place that gets it',
        ),
      ];
    if (!isNext(secret) && promoted.includes(name))
      return [
        document.atKey(
          path,
          'a step makes this the current value, and it is no next one',
          'declare it with "stored", "next: true" and how it is made',
        ),
      ];
    return [];
  });
}

function isNext(secret: PlannedSecret): boolean {
  return 'next' in secret;
}
