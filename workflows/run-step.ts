import { sleep } from '@temporalio/workflow';
import type { StepOutline, Standing } from '../model/record.js';
import { goesOn } from '../model/states.js';
import { mayTryAgain, pause, type DueAttempt } from '../model/task/rounds.js';
import { atKeeper, type Keeper } from './keeper.js';
import type { PhaseArgument } from './messages.js';
import { actingOn, databases, directories, hosts, records, secrets, webServers } from './reach.js';

/** The wave that steps go through. */
export interface Wave {
  readonly phase: string;
  readonly keeper: Keeper;
}

/**
 * One step on the hosts where it is due, in rounds: the author's `retry` is carried out here, with durable timers,
 * and only for endings after which trying again cannot repeat an effect.
 *
 * @param held - true once the wave was asked to stop; then no further round begins
 * @param first - how the first round came out, where it is over already
 * @returns how it ended where it did not end well
 */
export async function runStep(
  where: PhaseArgument,
  wave: Wave,
  step: StepOutline,
  due: readonly DueAttempt[],
  held: () => boolean,
  first?: readonly Standing[],
): Promise<Standing[]> {
  const failed: Standing[] = [];
  let round = due;
  for (let tries = 1; round.length > 0; tries += 1) {
    const ended = (tries === 1 ? first : undefined) ?? (await attempt(where, wave, step, round));
    const again =
      tries < step.retry.attempts && !held() ? ended.filter((one) => mayTryAgain(one.ending, step.repeatable)) : [];
    failed.push(...ended.filter((one) => !goesOn(one.ending) && !again.includes(one)));
    round = again.map((one) => ({ host: one.host, attempt: one.attempt + 1 }));
    if (round.length > 0) await sleep(pause(step.retry, tries) * 1000);
  }
  return failed;
}

async function attempt(
  where: PhaseArgument,
  wave: Wave,
  step: StepOutline,
  due: readonly DueAttempt[],
): Promise<Standing[]> {
  const options = actingOn(
    wave.phase,
    step.name,
    step.timeout + (step.lostAfter ?? 0),
    due.map((one) => one.host),
  );
  const request = { ...where, step: step.id, hosts: due };
  if (step.on === 'host')
    return atKeeper(wave.keeper, async (to, passedOn) =>
      hosts.runHostStep.executeWithOptions({ ...options, ...to }, [{ ...request, ...passedOn }]),
    );
  if (step.on === 'ldap') return directories.runLdapStep.executeWithOptions(options, [request]);
  if (step.on === 'http') return webServers.runHttpStep.executeWithOptions(options, [request]);
  if (step.on === 'sql') return databases.runSqlStep.executeWithOptions(options, [request]);
  if (step.on === 'secrets') return secrets.runSecretStep.executeWithOptions(options, [request]);
  if (step.on === 'clock') await sleep(step.seconds * 1000);
  return records.recordStep(where.run, step.id, due);
}
