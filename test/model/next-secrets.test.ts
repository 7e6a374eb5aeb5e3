import { expect, describe, it } from 'vitest';
import { compilePlan } from '../../model/compile/compile.js';
import { formatFinding } from '../../model/finding.js';
import { madeWhereMissing } from '../../model/runbook/secret.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import { source } from './planning.js';

const step = (id: string, keys: string): string => `- { id: ${id}, step: x, ${keys} }`;
const uses = step('set', 'shell: set, environment: { NEW: "${{ secret.fresh }}" }, undo: none, because: it is a try');
const promotes = step('promote', 'secret.promote: { value: "${{ secret.fresh }}" }');
const chosen = '{ stored: redis, next: true, generate: { length: 24 } }';

const written = (fresh: string, ...steps: readonly string[]): string => `
runbook: next-value
about: Changes a password
groups: { cache: {} }
secrets:
  redis: {}
  fresh: ${fresh}
phases:
  - phase: All
    hosts: cache
    steps:
${steps.map((one) => `      ${one}`).join('\n')}
`;

const planned = (runbook: string, secrets: Record<string, number> = { login: 1, redis: 3 }) =>
  compilePlan(source({ runbook, secrets }));
const found = (runbook: string, secrets?: Record<string, number>): string[] =>
  planned(runbook, secrets).findings.map((one) => formatFinding(one).replace(/^.*?:\d+:\d+: (?:error: )?/, ''));

describe('the next value of a stored secret', () => {
  it('is planned behind the version that is current', () => {
    const { plan, findings } = planned(written(chosen, uses, promotes));
    expect(findings).toEqual([]);
    expect(plan?.secrets).toEqual({
      redis: { stored: 'redis', version: 3 },
      fresh: { generate: { length: 24 }, next: { stored: 'redis', after: 3 } },
    });
    expect(plan?.unknowns).toContain('The next value of redis, unless one waits when the run begins.');
  });

  it('is shown as what it is, with what promoting it does', () => {
    const { plan } = planned(written(chosen, uses, promotes));
    const shown = plan ? showPlan(plan, 'h') : '';
    expect(shown).toMatch(/fresh +the next value of redis, after version 3: the one that waits, else made by the run/);
    expect(shown).toMatch(/promotes +"\$\{\{ secret\.fresh \}\}": it is the current value from then on/);
  });

  it('is not made by `belay run start`, which cannot know whether one waits', () => {
    expect([...madeWhereMissing({ fresh: { stored: 'redis', next: true, generate: { length: 24 } } })]).toEqual([]);
  });

  it.each([['{ next: true, generate: { length: 24 } }'], ['{ stored: redis, next: true }']])(
    'says what it follows and how it is made: not %s',
    (fresh) => {
      expect(found(written(fresh, uses, promotes)).join()).toContain('a next value says which secret it follows');
    },
  );

  it('follows something that is stored', () => {
    expect(found(written(chosen, uses, promotes), { login: 1 }).join('\n')).toContain('no secret "redis" is stored');
  });

  it('is promoted by a plan that uses it', () => {
    expect(found(written(chosen, uses))).toEqual([
      'the plan uses this next value, and no step makes it the current one; add a step "secret.promote" after the last place that gets it',
    ]);
    expect(found(written(chosen, step('told', 'note: nothing')))).toEqual([]);
  });

  it('is all that can be promoted', () => {
    expect(found(written('{ generate: { length: 24 } }', promotes))).toEqual([
      'a step makes this the current value, and it is no next one; declare it with "stored", "next: true" and how it is made',
    ]);
  });
});
