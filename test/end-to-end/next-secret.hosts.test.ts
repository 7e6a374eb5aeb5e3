import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { livePlanAnswer, type SecretsAnswer } from '../../model/answers.js';
import { setStage } from './stage.js';
import { twoNodes } from './two-nodes.js';

const runbook = 'test/cases/end-to-end/next-secret';

describe('the next value of a secret', () => {
  const stage = setStage('next-secret', twoNodes);
  beforeAll(async () => {
    for (const name of ['shared-word', 'other-word']) await stage.belay.keepSecret(name, `present-${name}`);
  });

  const words = async (): Promise<string[]> =>
    Promise.all(
      ['node1', 'node2'].map(
        async (node) =>
          (await stage.lab.exec(node, ['sh', '-c', 'cat /etc/shared-word 2>/dev/null || echo none'])).stdout,
      ),
    );
  const stored = async (): Promise<object> => {
    const { secrets } = (await (await stage.belay.request('/v1/secrets')).json()) as SecretsAnswer;
    const heads = secrets.filter(({ name }) => name.endsWith('-word'));
    return Object.fromEntries(heads.map(({ name, version, next }) => [name, [version, next]]));
  };

  it('is shown by a live plan, which makes none', async () => {
    const { hash } = await stage.belay.plan(runbook);
    const headers = { 'idempotency-key': randomUUID() };
    const begun = await stage.belay.request(`/v1/plans/${hash}/live`, { method: 'POST', headers });
    const { live } = (await begun.json()) as { live: string };
    const looks = async (): Promise<unknown> => {
      const answer = livePlanAnswer.parse(await (await stage.belay.request(`/v1/live-plans/${live}`)).json());
      return answer.state === 'done' && Object.fromEntries(answer.looks.map((one) => [one.step, one.state]));
    };
    await expect
      .poll(looks, { timeout: 60_000 })
      .toEqual({ both: 'would_change', promoted: 'would_change', alone: 'not_known' });
    expect(await stored()).toEqual({ 'shared-word': [1, undefined], 'other-word': [1, undefined] });
  });

  it('is stored before a host has it, is the current one once all have it, and goes back', async () => {
    const { hash } = await stage.belay.plan(runbook);
    const run = await stage.belay.start(hash);
    await stage.belay.until(run, ['succeeded']);
    expect(await stored()).toEqual({ 'shared-word': [2, undefined], 'other-word': [1, undefined] });
    const [word = ''] = await words();
    expect(word).toMatch(/^[A-Za-z2-9]{24}\n$/);
    expect(await words()).toEqual([word, word]);
    expect(await stage.belay.states(run)).toMatchObject({ 'promoted@node1': 'changed' });

    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['undone']);
    expect(await stored()).toEqual({ 'shared-word': [1, 2], 'other-word': [1, undefined] });
    expect(await words()).toEqual(['none\n', 'none\n']);

    // What was on hosts already is what the next run puts there.
    const again = await stage.belay.start((await stage.belay.plan(runbook)).hash);
    await stage.belay.until(again, ['succeeded']);
    expect(await words()).toEqual([word, word]);
    expect(await stored()).toEqual({ 'shared-word': [2, undefined], 'other-word': [1, undefined] });
    const told = JSON.stringify([await stage.belay.tasks(again), await stage.belay.events(again)]);
    expect(told).not.toContain(word.trim());
  });
});
