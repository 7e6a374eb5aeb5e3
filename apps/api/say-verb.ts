import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { commitVerb, waitVerb } from '../../database/verbs.js';
import type { VerbAnswer } from '../../model/answers.js';
import type { VerbArguments } from '../../model/record.js';
import type { VerbBody } from './bodies.js';
import { deliverVerb } from './deliver-verb.js';
import { plannedChange } from './planned-change.js';
import { Problem } from './problem.js';
import type { Records } from './records.js';
import type { Workflows } from './workflows.js';

const log = new Logger('say-verb');

/** Milliseconds for which a request waits for what becomes of its verb. */
const patience = 5_000;

/**
 * Commits an operator's word, delivers it, and waits a little for what becomes of it. What could not be delivered
 * now is delivered by the sweep.
 *
 * @returns the verb; without an outcome where nobody has settled it yet
 * @throws Problem `run/verb-refused` with the reason; `plan/findings` where an edit cannot be planned
 */
export async function sayVerb(
  records: Records,
  workflows: Workflows,
  word: VerbBody & { readonly run: string; readonly by: string; readonly idempotencyKey: string },
): Promise<VerbAnswer> {
  const said = word.arguments as VerbArguments;
  const verb = await commitVerb(records.database, {
    id: randomUUID(),
    run: word.run,
    verb: word.verb,
    arguments: word.verb === 'edit' ? await plannedChange(records, word.run, said) : said,
    by: word.by,
    idempotencyKey: word.idempotencyKey,
  });
  try {
    await deliverVerb(records, workflows, verb);
  } catch (error) {
    log.warn(`verb ${verb.id} is committed; the sweep will deliver it: ${String(error)}`);
  }
  const outcome = await waitVerb(records.database, verb.id, patience);
  if (outcome?.accepted === false) throw new Problem('run/verb-refused', outcome.because);
  return { id: verb.id, verb: verb.verb, by: verb.by, ...(outcome !== undefined && { outcome }) };
}
