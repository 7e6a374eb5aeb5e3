import { lookAway, type AwayLookNeeds, type AwayLookRequest } from '../../model/live/look-away.js';

/** What workflows may ask of the store of secrets for a live plan. */
export interface SecretLooks {
  /** Says which secrets of a plan would be promoted; gives how many tasks were looked at. */
  lookAtSecrets(request: AwayLookRequest): Promise<number>;
}

/** Binds it to what it needs. A run takes a next value at its begin, so that none is current before it. */
export function createSecretLooks(needs: AwayLookNeeds<'secrets'>): SecretLooks {
  return {
    lookAtSecrets: async (request) =>
      lookAway(needs, 'secrets', request, async () => ({
        state: 'would_change',
        because: 'the next value would become the current one',
      })),
  };
}
