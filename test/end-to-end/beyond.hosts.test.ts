// cspell:ignore daemond
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { livePlanAnswer, type LivePlanAnswer } from '../../model/answers.js';
import type { Look } from '../../model/live/look.js';
import { cases, startBelay, type Belay } from './belay.js';
import { appPassword, furnishDataHost, on, present, withDataHost } from './data-host.js';

/** What is there before a run, and after it has gone back. */
const nothing = { words: '', thing: '', nodes: ['', ''] };

describe('a run that changes a database, a web server, and carries a file', () => {
  let lab: Lab;
  let belay: Belay;
  beforeAll(async () => {
    lab = await labUp({ name: 'beyond', description: withDataHost });
    await furnishDataHost(lab);
    belay = await startBelay(lab);
    await belay.keepSecret('app-password', appPassword);
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown('beyond');
  }, 120_000);

  const looked = async (plan: string): Promise<LivePlanAnswer> => {
    const headers = { 'idempotency-key': randomUUID() };
    const { live } = (await (await belay.request(`/v1/plans/${plan}/live`, { method: 'POST', headers })).json()) as {
      live: string;
    };
    const now = async (): Promise<LivePlanAnswer> =>
      livePlanAnswer.parse(await (await belay.request(`/v1/live-plans/${live}`)).json());
    await expect.poll(async () => (await now()).state, { timeout: 60_000 }).toBe('done');
    return now();
  };
  const statesOf = ({ looks }: LivePlanAnswer): Record<string, string> =>
    Object.fromEntries(looks.map(({ step, host, state }) => [`${step}@${host}`, state]));

  it('is told before by a live plan, with what is there now, and nothing is changed by looking', async () => {
    const { hash } = await belay.plan(cases('beyond'));
    const live = await looked(hash);
    const of = (step: string): Partial<Look> => live.looks.find((one) => one.step === step) ?? {};
    expect(statesOf(live)).toEqual({
      'row@data': 'would_change',
      'thing@data': 'would_change',
      'carried@node1': 'would_change',
      'carried@node2': 'would_change',
      'job@node1': 'would_change',
      'job@node2': 'would_change',
      'sum@node1': 'would_run',
      'sum@node2': 'would_run',
      'equal@node1': 'would_run',
    });
    expect(of('row').because).toBe('1 statement in app; now the check does not hold');
    expect(of('thing').because).toBe(
      'PUT http://data.lab.test:8080/things/ours; now the check is answered with status 404, and not 200 to 299',
    );
    const sum = (await on(lab, 'data', 'sha256sum </srv/large')).split(' ')[0];
    expect(of('carried').because).toContain(`/srv/large on data has 3000000 bytes, SHA-256 ${sum}`);
    expect(of('job').diff).toMatch(
      /^--- \/dev\/null\n\+\+\+ \/etc\/cron\.d\/carried\n[^]*\n\+@daily root test -s \/srv\/carried\n$/,
    );
    expect(await present(lab)).toEqual(nothing);
  });

  it('does all of it, compares what every host says, and takes all of it back', async () => {
    const run = await belay.start((await belay.plan(cases('beyond'))).hash);
    await belay.until(run, ['succeeded'], 120);
    const sum = (await on(lab, 'data', 'sha256sum </srv/large')).split(' ')[0];
    expect(await belay.states(run)).toEqual({
      'row@data': 'changed',
      'thing@data': 'changed',
      'carried@node1': 'changed',
      'carried@node2': 'changed',
      'job@node1': 'changed',
      'job@node2': 'changed',
      'sum@node1': 'ok',
      'sum@node2': 'ok',
      'equal@node1': 'ok',
    });
    const there = `${sum}  carried\ncarried\n/etc/cron.d/carried`;
    expect(await present(lab)).toEqual({ words: 'ours|24', thing: 'made by a run', nodes: [there, there] });
    expect(statesOf(await looked((await belay.plan(cases('beyond'))).hash))).toMatchObject({
      'row@data': 'already_so',
      'thing@data': 'already_so',
      'carried@node1': 'already_so',
      'job@node2': 'already_so',
    });
    await belay.say(run, 'undo');
    await belay.until(run, ['undone'], 120);
    expect(await present(lab)).toEqual(nothing);
  });

  it.each([
    ['the same', 'runbook'],
    ['a later', 'later'],
  ])('restarts a service of %s phase again when what it depends on has gone back with the thing', async (_, file) => {
    const restarts = await storyOn(lab);
    const run = await belay.start((await belay.plan(`${cases('restarts-back')}/${file}.yaml`)).hash);
    await belay.until(run, ['succeeded']);
    expect(await restarts()).toBe('1');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
    expect(await restarts()).toBe('2');
    const back = (await belay.events(run)).filter(({ kind }) => kind === 'task-undone');
    expect(back.map(({ data }) => [data['step'], data['outcome']])).toEqual([
      ['up', 'undone'],
      ['noted', 'left'],
      ['thing', 'undone'],
      ['noted', 'undone'],
    ]);
  });

  it('restarts a service that the run has not come to, and knows what that was once it has, and goes back', async () => {
    const restarts = await storyOn(lab);
    const run = await belay.start((await belay.plan(`${cases('restarts-back')}/again.yaml`)).hash);
    expect((await belay.until(run, ['waiting'])).standing).toMatchObject({ for: 'decision' });
    await belay.say(run, 'undo', { to: 'noted' });
    await belay.until(run, ['paused']);
    expect(await restarts()).toBe('1');
    await on(lab, 'data', 'touch /srv/story/word');
    await belay.say(run, 'resume');
    await belay.until(run, ['succeeded']);
    expect(await restarts()).toBe('2');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
    expect(await on(lab, 'data', 'ls /srv/story/noted 2>&1 || true')).toContain('No such');
  });
});

/** A service of the data host that runs, and how many restarts it has seen. */
async function storyOn(lab: Lab): Promise<() => Promise<string>> {
  const init = readFileSync('test/cases/steps/service/init.sh', 'utf8');
  await on(lab, 'data', 'mkdir -p /srv/story; cat >/etc/init.d/story; chmod 0755 /etc/init.d/story', init);
  await on(lab, 'data', 'cp -f /bin/sleep /srv/story/daemond; service story start; rm /srv/story/ledger');
  onTestFinished(async () => void (await on(lab, 'data', 'service story stop; rm -r /srv/story /etc/init.d/story')));
  return async () => on(lab, 'data', 'grep -c restart /srv/story/ledger || true');
}
