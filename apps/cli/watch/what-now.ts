import type { RunAnswer } from '../../../model/answers.js';
import { visible } from '../visible.js';
import { waitsForOthers } from './waits.js';

/** What a person can do about a run as it stands: the commands to type. */
export function whatNow(run: RunAnswer): string[] {
  if (run.approval !== undefined) return approval(run, run.approval);
  const command = (verb: string): string => `  belay run ${verb} ${run.run}`;
  if (run.state === 'waiting' && run.standing['for'] === 'decision') {
    return [
      'The run waits for a decision:',
      command('retry'),
      `${command('skip')} --reason "…"`,
      command('undo'),
      command('cancel'),
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
