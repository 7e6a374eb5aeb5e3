// cspell:ignore wrods
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import { releaseLeases } from '../../database/leases.js';
import { writeResults } from '../../database/results.js';
import { moveRun } from '../../database/runs.js';
import { keepPlan, underKey, type Api } from '../api/api.js';
import { phase, plan, result, step, wentBack } from '../database/example.js';
import { openDesk, type Desk } from './desk.js';

describe('words that change what a run is to do', () => {
  let desk: Desk;
  let api: Api;
  beforeAll(async () => {
    desk = await openDesk();
    api = desk.api;
  });
  afterAll(async () => desk.leave());

  const say: Desk['say'] = async (...words) => desk.say(...words);

  async function ended(hash: string): Promise<string> {
    const { body } = await api.ask('POST', '/v1/runs', { plan: hash }, underKey());
    const { database } = api.records;
    await moveRun(database, body.run, 'running');
    return wentBack(database, body.run as string, 'undone');
  }

  const alone = async (): Promise<string> =>
    ended(await keepPlan(api, plan([phase('Only', [['alone']], [step('work', ['alone'])])])));

  it('warns before steps are done again that are not declared repeatable', async () => {
    const run = await alone();
    expect((await say(`run retry ${run} --from work --yes`)).out).toBe(
      'Where these have acted, they act again without looking first, and they are not declared repeatable:\n  Step work is so [work]\n',
    );
    const asked = await say(`run retry ${run} --from work`);
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('give --yes') });
  });

  describe('where tasks have failed', () => {
    const hosts = ['lost', 'halfway', 'refused'];
    let run: string;
    beforeAll(async () => {
      const twice = step('twice', ['lost'], { repeatable: true });
      const hash = await keepPlan(api, plan([phase('Only', [hosts], [step('once', hosts), twice])]));
      const { database } = api.records;
      run = (await api.ask('POST', '/v1/runs', { plan: hash }, underKey())).body.run as string;
      await moveRun(database, run, 'running');
      const due = hosts.map((host) => ({ host, attempt: 1 }));
      await beginAttempts(database, run, 'once', due);
      await beginAttempts(database, run, 'twice', due.slice(0, 1));
      const endings = { lost: 'unknown', halfway: 'partial', refused: 'refused' } as const;
      await writeResults(database, [
        ...Object.entries(endings).map(([host, ending]) => result(run, 'once', host, { ending })),
        result(run, 'twice', 'lost', { ending: 'unknown' }),
      ]);
      await moveRun(database, run, 'waiting', { for: 'decision', phase: 0, wave: 0 });
    });
    afterAll(async () => {
      await moveRun(api.records.database, run, 'cancelled');
      await releaseLeases(api.records.database, run);
    });

    it.each(['run show', 'run watch'])('%s says which a retry might do twice', async (command) => {
      expect((await say(`${command} ${run}`)).out).toContain(
        'Look at the hosts before a retry: it does again what may have happened already: once on halfway (failed), once on lost (unknown)\n',
      );
    });

    it('a retry of such ones is asked for, after a warning', async () => {
      const warning =
        'Something of these may have happened already; they act again without looking first, and they are not declared repeatable:\n';
      const said = async (): Promise<number> =>
        (await api.ask('GET', `/v1/runs/${run}/events`)).body.events.filter(
          ({ kind }: { kind: string }) => kind === 'verb-said',
        ).length;
      expect(await say(`run retry ${run}`)).toMatchObject({
        code: 2,
        out: `${warning}  Step once is so [once] on halfway: failed\n  Step once is so [once] on lost: unknown\n`,
        err: expect.stringContaining('give --yes'),
      });
      expect(await said()).toBe(0);
      expect((await say(`run retry ${run} --host lost --yes`)).out).toMatch(
        `${warning}  Step once is so [once] on lost: unknown\nretry: `,
      );
      expect(await said()).toBe(1);
    });

    it('a retry of what surely did nothing, or is repeatable, is not', async () => {
      const typed = ['--host refused', '--step twice'].map(async (named) => say(`run retry ${run} ${named}`));
      for (const { out } of await Promise.all(typed)) expect(out).toMatch(/^retry: /);
    });
  });

  it('plans an edit from what the run was planned from, and says what is wrong with it', async () => {
    const planned = JSON.parse((await say('plan greeting -i inventory.yaml -p words=hello -o json')).out) as {
      hash: string;
    };
    const run = await ended(planned.hash);
    const wrong = await say(`run edit ${run} -p wrods=x --reason better --yes`);
    expect(wrong.code).toBe(9);
    expect(wrong.err).toMatch(/^\/inputs\/wrods/);
    const late = await say(`run edit ${run} -p words=welcome --reason better --yes`);
    expect(late).toMatchObject({ code: 1, err: 'belay: the run has ended (undone); edit is for open runs\n' });
    const { events } = (await api.ask('GET', `/v1/runs/${run}/events`)).body;
    const said = events.find((event: { kind: string }) => event.kind === 'verb-said');
    expect(said.data.arguments).toMatchObject({ inputs: { words: 'welcome' }, reason: 'better' });
    const again = await say('plan greeting -i inventory.yaml -p words=welcome -o json');
    expect(said.data.arguments.planHash).toBe((JSON.parse(again.out) as { hash: string }).hash);
    const bare = await alone();
    expect((await say(`run edit ${bare} -p words=x --reason better --yes`)).err).toContain('start a new run');
  });
});
