import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seal } from '../../activities/certificates/seal.js';
import { beginAttempts } from '../../database/attempts.js';
import { askApproval } from '../../database/gates.js';
import { appendOutput } from '../../database/output.js';
import { moveRun, readRun } from '../../database/runs.js';
import { releaseLeases } from '../../database/leases.js';
import { readSealed } from '../../database/secrets.js';
import { readVerb, settleVerb } from '../../database/verbs.js';
import * as answers from '../../model/answers.js';
import { gated, phase, plan, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { keepPlan, openApi, underKey, type Api } from './api.js';

/** Hosts of its own for each test, so that leases do not get in the way. */
function alone(host: string = `h-${randomUUID().slice(0, 8)}`) {
  return plan([phase('Only', [[host]], [step('work', [host])])]);
}

describe('runs over HTTP, while Temporal is away', () => {
  let postgres: TestPostgres;
  let api: Api;
  beforeAll(async () => {
    postgres = await startPostgres();
    api = await openApi(postgres);
  });
  afterAll(async () => {
    await api.close();
    await postgres.stop();
  });

  const start = async (hash: string, key?: string) => api.ask('POST', '/v1/runs', { plan: hash }, underKey(key));

  it('shows a plan under its hash', async () => {
    const hash = await keepPlan(api);
    const shown = await api.ask('GET', `/v1/plans/${hash}`);
    expect(shown.body).toMatchObject({ hash, plan: gated });
  });

  it('commits a run before anybody is told, and says where it is', async () => {
    const hash = await keepPlan(api, alone());
    const started = await start(hash);
    expect(started.status).toBe(201);
    expect(answers.runRow.parse(started.body)).toMatchObject({
      state: 'planned',
      planHash: hash,
      by: 'tester (not authenticated)',
    });
    expect(started.body.run).toMatch(/^example-[a-z2-9]{8}$/);
    expect(started.headers['location']).toBe(`/v1/runs/${started.body.run}`);
    expect(answers.runAnswer.parse((await api.ask('GET', String(started.headers['location']))).body).run).toBe(
      started.body.run,
    );
  });

  it('starts one run for one key, however often and however many at once', async () => {
    const hash = await keepPlan(api, alone());
    const all = await Promise.all(Array.from({ length: 5 }, async () => start(hash, 'the-same')));
    expect(new Set(all.map((one) => one.body.run)).size).toBe(1);
    expect(all.map((one) => one.status).sort()).toEqual([200, 200, 200, 200, 201]);
  });

  it('refuses a key that was used for another plan', async () => {
    expect((await start(await keepPlan(api, alone()), 'used')).status).toBe(201);
    const again = await start(await keepPlan(api, alone()), 'used');
    expect([again.status, again.body.kind]).toEqual([422, 'request/key-reused']);
  });

  it('refuses to start without a key', async () => {
    const answer = await api.ask('POST', '/v1/runs', { plan: await keepPlan(api, alone()) });
    expect([answer.status, answer.body.kind]).toEqual([400, 'request/key-missing']);
  });

  it('lets a run of a held host wait, and says for whom', async () => {
    const first = await start(await keepPlan(api, alone('busy')));
    const second = await start(await keepPlan(api, alone('busy')));
    expect([second.status, second.body.state]).toEqual([201, 'waiting']);
    const because = `waits for busy, 1st in line, held by run ${first.body.run}, started by tester (not authenticated)`;
    expect(second.body.standing).toMatchObject({ for: 'leases', host: 'busy', run: first.body.run, because });
    const { runs } = answers.runsAnswer.parse((await api.ask('GET', '/v1/runs?waiting=true')).body);
    expect(runs.map((run) => run.run)).toEqual([second.body.run]);
    for (const { body } of [second, first]) {
      await moveRun(api.records.database, body.run, 'cancelled');
      await releaseLeases(api.records.database, body.run);
    }
  });

  it('refuses a run of a held host that does not want to wait, and names the holder', async () => {
    const first = await start(await keepPlan(api, alone('shared')));
    const plan = await keepPlan(api, alone('shared'));
    const second = await api.ask('POST', '/v1/runs', { plan, wait: false }, underKey());
    expect([second.status, second.body.kind]).toEqual([409, 'run/lease-held']);
    expect(second.body.detail).toContain(first.body.run);
    const { leases } = answers.leasesAnswer.parse((await api.ask('GET', '/v1/leases')).body);
    expect(leases).toContainEqual(expect.objectContaining({ machine: 'shared:22', run: first.body.run }));
  });

  it('finds a run by its beginning where no other begins like that', async () => {
    const { body } = await start(await keepPlan(api, alone()));
    expect((await api.ask('GET', `/v1/runs/${body.run.slice(0, -2)}`)).body.run).toBe(body.run);
    await start(await keepPlan(api, alone()));
    const several = await api.ask('GET', '/v1/runs/example-');
    expect([several.status, several.body.kind]).toEqual([409, 'run/ambiguous']);
  });

  it('lists runs newest first, page by page, each once', async () => {
    for (let count = 0; count < 3; count += 1) await start(await keepPlan(api, alone()));
    const seen: string[] = [];
    for (let before = ''; ;) {
      const page = answers.runsAnswer.parse((await api.ask('GET', `/v1/runs?limit=2${before}`)).body);
      seen.push(...page.runs.map((run) => run.run));
      if (page.next === undefined) break;
      before = `&before=${page.next}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(3);
  });

  it('shows the approval that a run waits for, and lists the run as waiting', async () => {
    const { body } = await start(await keepPlan(api));
    await moveRun(api.records.database, body.run, 'running');
    await askApproval(api.records.database, body.run, 1);
    await moveRun(api.records.database, body.run, 'waiting', { for: 'approval', phase: 1 });
    const shown = answers.runAnswer.parse((await api.ask('GET', `/v1/runs/${body.run}`)).body);
    expect(shown.approval).toEqual({
      phase: 1,
      name: 'Nodes',
      ask: 'Go on?',
      groups: ['operators'],
      votes: 0,
      wanted: 2,
    });
    const { runs } = answers.runsAnswer.parse((await api.ask('GET', '/v1/runs?waiting=true')).body);
    expect(runs.map((run) => run.run)).toEqual([body.run]);
    await moveRun(api.records.database, body.run, 'cancelled');
    await releaseLeases(api.records.database, body.run);
  });

  it('tells of every task', async () => {
    const { body } = await start(await keepPlan(api, alone()));
    const { tasks } = answers.tasksAnswer.parse((await api.ask('GET', `/v1/runs/${body.run}/tasks`)).body);
    expect(tasks).toEqual([expect.objectContaining({ step: 'work', state: 'pending', attempt: 0, phase: 0, wave: 0 })]);
  });

  describe('output', () => {
    let url: string;
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
    beforeAll(async () => {
      const host = `o-${randomUUID().slice(0, 8)}`;
      const { body } = await start(await keepPlan(api, alone(host)));
      const { database } = api.records;
      await moveRun(database, body.run, 'running');
      await beginAttempts(database, body.run, 'work', [{ host, attempt: 1 }]);
      const name = { run: body.run as string, step: 'work', host, attempt: 1, part: 'do', stream: 'stdout' } as const;
      await appendOutput(database, { ...name, offset: 0, bytes: bytes.subarray(0, 600) });
      await appendOutput(database, { ...name, offset: 600, bytes: bytes.subarray(600) });
      url = `/v1/runs/${body.run}/tasks/work/${host}/output`;
    });

    it('comes byte for byte', async () => {
      const answer = await api.ask('GET', url);
      expect(answer.status).toBe(200);
      expect(answer.bytes.equals(bytes)).toBe(true);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'belay-attempt': 1 + '',
        'belay-dropped-bytes': '0',
      });
    });

    it.each([
      ['bytes=0-9', 0, 10],
      ['bytes=590-609', 590, 610],
      ['bytes=990-', 990, 1000],
      ['bytes=990-5000', 990, 1000],
      ['bytes=-5', 995, 1000],
    ])('comes in ranges: %s', async (range, from, end) => {
      const answer = await api.ask('GET', url, undefined, { range });
      expect(answer.status).toBe(206);
      expect(answer.headers['content-range']).toBe(`bytes ${from}-${end - 1}/1000`);
      expect(answer.bytes.equals(bytes.subarray(from, end))).toBe(true);
    });

    it('says how much there is where a range is beyond it', async () => {
      const answer = await api.ask('GET', url, undefined, { range: 'bytes=1000-' });
      expect([answer.status, answer.body.kind]).toEqual([416, 'request/range']);
      expect(answer.headers['content-range']).toBe('bytes */1000');
    });

    it.each(['bytes=', 'bytes=a-b', 'bytes=0-1,5-6', 'lines=0-1'])('refuses the range %s', async (range) => {
      expect((await api.ask('GET', url, undefined, { range })).status).toBe(400);
    });

    it('is empty where a stream has none, and unknown where there is no such task', async () => {
      expect((await api.ask('GET', `${url}?stream=stderr`)).bytes).toHaveLength(0);
      const unknown = await api.ask('GET', url.replace('/work/', '/elsewhere/'));
      expect([unknown.status, unknown.body.kind]).toEqual([404, 'task/unknown']);
    });
  });

  it('commits a verb that nobody can be told of yet, and answers 202', async () => {
    const { body } = await start(await keepPlan(api, alone()));
    const said = await api.ask('POST', `/v1/runs/${body.run}/verbs`, { verb: 'cancel', arguments: {} }, underKey());
    expect(said.status).toBe(202);
    expect(await readVerb(api.records.database, answers.verbAnswer.parse(said.body).id)).toMatchObject({
      verb: 'cancel',
      arguments: { then: 'stop' },
    });
  }, 30_000);

  it('tells what became of a verb, and says it once for one key', async () => {
    const { body } = await start(await keepPlan(api, alone()));
    const say = async () =>
      api.ask('POST', `/v1/runs/${body.run}/verbs`, { verb: 'pause', arguments: {} }, underKey('pause'));
    const first = await say();
    await settleVerb(api.records.database, first.body.id, { accepted: false, because: 'resume was first' });
    const second = await say();
    expect([second.status, second.body.kind, second.body.detail]).toEqual([
      409,
      'run/verb-refused',
      'resume was first',
    ]);
  }, 30_000);

  it('refuses verbs to a run that has ended', async () => {
    const { body } = await start(await keepPlan(api, alone()));
    await moveRun(api.records.database, body.run, 'cancelled');
    const said = await api.ask('POST', `/v1/runs/${body.run}/verbs`, { verb: 'resume', arguments: {} }, underKey());
    expect([said.status, said.body.kind]).toEqual([409, 'run/verb-refused']);
    expect(said.body.detail).toContain('ended');
    expect((await readRun(api.records.database, body.run)).state).toBe('cancelled');
  });

  it('keeps a secret that was sealed, and lists its name and version only', async () => {
    const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
    await writeFile(join(api.data, 'worker-key.pub'), `${recipient}\n`);
    expect((await api.ask('GET', '/v1/secrets/recipient')).body).toEqual({ recipient });
    const sealed = Buffer.from(await seal(Buffer.from('hunter2-hunter2'), recipient));
    const kept = await api.ask('PUT', '/v1/secrets/redis', { sealed: sealed.toString('base64') });
    expect(kept.body).toEqual({ name: 'redis', version: 1 });
    expect(Buffer.from((await readSealed(api.records.database, 'redis', 1)) ?? []).equals(sealed)).toBe(true);
    const list = await api.ask('GET', '/v1/secrets');
    expect(answers.secretsAnswer.parse(list.body).secrets).toEqual([
      expect.objectContaining({ name: 'redis', version: 1 }),
    ]);
    expect(list.bytes.toString()).not.toContain(sealed.toString('base64').slice(0, 40));
  });
});
