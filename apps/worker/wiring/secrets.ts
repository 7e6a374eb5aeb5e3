import type { SecretNeeds } from '../../../activities/secrets/needs.js';
import type { Database } from '../../../database/connect.js';
import { giveBackSecret, promoteSecret, readPromotion } from '../../../database/next-secrets.js';
import { Failed } from '../../../model/failure.js';
import type { AwayLookNeeds } from '../../../model/live/look-away.js';
import type { SecretOperation } from '../../../model/operation.js';
import type { PlannedNext } from '../../../model/plan.js';
import { awayNeeds } from './away.js';
import { holesOf, secretsIn } from '../../../model/holes.js';
import { looking } from './looking.js';
import { announce, type Plans } from './plans.js';
import type { Rendering } from './rendering.js';

/** The store of secrets in Postgres, as the functions that its activities ask for. */
export function secretNeeds(db: Database, plans: Plans, rendering: Rendering): SecretNeeds & AwayLookNeeds<'secrets'> {
  return {
    ...awayNeeds('secrets', db, plans, rendering),
    ...looking(db, rendering),
    announce: async (intent) => announce(db, plans, intent),
    stateOf: async (run, operation) => {
      const { name, next } = await meantBy(plans, run, operation);
      const found = await readPromotion(db, run, name, next.stored);
      if (found) return { stored: next.stored, after: next.after, ...found };
      throw missing(name, `no secret ${next.stored} is stored`);
    },
    promote: async (run, operation) => {
      const { name, next } = await meantBy(plans, run, operation);
      await promoteSecret(db, run, name, next);
    },
    giveBack: async (run, operation) => {
      const { name, next } = await meantBy(plans, run, operation);
      await giveBackSecret(db, run, name, next);
    },
  };
}

/** The declared secret that is to be promoted, and what it follows. */
async function meantBy(
  plans: Plans,
  run: string,
  operation: SecretOperation,
): Promise<{ readonly name: string; readonly next: PlannedNext }> {
  const plan = await plans.of(run);
  const [name = ''] = secretsIn(holesOf(operation), plan);
  const secret = plan.secrets[name];
  if (secret && 'next' in secret) return { name, next: secret.next };
  throw missing(name, 'it is no next value of a stored secret');
}

function missing(name: string, known: string): Failed {
  const next = 'declare it with `stored` and `next: true`, and plan again';
  return new Failed({ kind: 'secret/missing', tried: `to promote the secret ${name}`, known, next });
}
