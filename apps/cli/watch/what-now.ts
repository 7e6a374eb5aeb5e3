import type { RunAnswer } from '../../../model/answers.js';
import type { ApiClient } from '../api-client.js';
import { visible } from '../visible.js';
import { maybeTwice, type MaybeTwice } from './maybe-twice.js';
import { waitsForOthers } from './waits.js';

/** What a person can do about a run as it stands: the commands to type, and what to see to before. */
export async function whatNow(client: ApiClient, run: RunAnswer): Promise<string[]> {
  return commandsFor(run, await maybeTwice(client, run));
}

function commandsFor(run: RunAnswer, twice: readonly MaybeTwice[]): string[] {
  if (run.approval !== undefined) return approval(run, run.approval);
  const command = (verb: string): string => `  belay run ${verb} ${run.run}`;
  if (run.state === 'waiting' && run.standing['for'] === 'decision') {
    return [
      'The run waits for a decision:',
      command('retry'),
      `${command('skip')} --reason "…"`,
      `${command('mark-done')} --step … --host … --reason "…"`,
      `${command('exclude')} --host … --reason "…"`,
      command('undo'),
      command('cancel'),
      ...lookFirst(twice),
    ];
  }
  if (run.state === 'waiting' && run.standing['for'] === 'undo-decision') {
    return ['The undo waits for a decision:', command('retry'), `${command('skip')} --reason "…"`];
  }
  if (waitsForOthers(run)) return ['The run goes on by itself; it can be taken out of the line:', command('cancel')];
  if (run.state === 'paused') return ['The run is paused:', command('resume'), command('cancel')];
  if (run.state === 'failed' || run.state === 'undo_incomplete')
    return ['To take back what was done:', command('undo')];
  return [];
}

/** Tasks that are named; the rest is counted. */
const most = 5;

function lookFirst(twice: readonly MaybeTwice[]): string[] {
  if (twice.length === 0) return [];
  const named = twice.slice(0, most).map(({ step, host, state }) => `${step} on ${host} (${state})`);
  const rest = twice.length > most ? `, and ${twice.length - most} more` : '';
  return [
    `Look at the hosts before a retry: it does again what may have happened already: ${visible(named.join(', '))}${rest}`,
  ];
}

function approval(run: RunAnswer, asked: NonNullable<RunAnswer['approval']>): string[] {
  const number = asked.phase + 1;
  const until = asked.deadline === undefined ? '' : `, until ${asked.deadline}`;
  return [
    `Phase ${number} (${visible(asked.name)}) waits for approval, ${asked.votes} of ${asked.wanted} votes${until}:`,
    `  ${visible(asked.ask)}`,
    `  plan ${run.planHash}`,
    `  belay run approve ${run.run} --phase ${number}`,
    `  belay run reject ${run.run} --phase ${number} --reason "…"`,
  ];
}
