// cspell:ignore wrods hunterä alhpa
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import { askApproval } from '../../database/gates.js';
import { releaseLeases } from '../../database/leases.js';
import { appendOutput } from '../../database/output.js';
import { writeResults } from '../../database/results.js';
import { moveRun } from '../../database/runs.js';
import { readSealed } from '../../database/secrets.js';
import type { Plan } from '../../model/plan.js';
import type { RunState } from '../../model/states.js';
import { keepPlan, underKey, type Api } from '../api/api.js';
import { gated, phase, plan, result, step, wentBack } from '../database/example.js';
import { dataFolderFor } from './cli.js';
import { openDesk, type Desk } from './desk.js';

describe('the command line and the API', () => {
  let desk: Desk;
  let api: Api;
  beforeAll(async () => {
    desk = await openDesk();
    api = desk.api;
  });
  afterAll(async () => desk.leave());

  const say: Desk['say'] = async (...words) => desk.say(...words);

  function alone(host = `h-${randomUUID().slice(0, 8)}`): Plan {
    return plan([phase('Only', [[host]], [step('work', [host])])]);
  }

  /** A run that has come to stand in `state`. */
  async function runIn(state: RunState, of: Plan = alone(), standing = {}): Promise<string> {
    const { body } = await api.ask('POST', '/v1/runs', { plan: await keepPlan(api, of) }, underKey());
    const { database } = api.records;
    if (state !== 'planned') await moveRun(database, body.run, 'running');
    if (state === 'undone' || state === 'undo_incomplete') return wentBack(database, body.run as string, state);
    if (state === 'rejected') await moveRun(database, body.run, 'waiting', { for: 'approval', phase: 0 });
    await moveRun(database, body.run, state, standing);
    return body.run as string;
  }

  it('plans a runbook, and shows plan and hash', async () => {
    const typed = await say('plan greeting -i inventory.yaml -p words=good-morning');
    expect(typed).toMatchObject({ code: 0, err: '' });
    expect(typed.out).toMatch(/[0-9a-f]{64}/);
    expect(typed.out).toContain('good-morning');
    const json = JSON.parse((await say('plan greeting -i inventory.yaml -p words=good-morning -o json')).out) as {
      hash: string;
    };
    expect(typed.out).toContain(json.hash);
  });

  it('prints what is wrong with a runbook, with paths as they were typed, and ends with 9', async () => {
    const typed = await say('plan bad.yaml -i inventory.yaml');
    expect(typed.code).toBe(9);
    expect(typed.err).toMatch(/^bad\.yaml:\d+:\d+: /);
    const input = await say('plan greeting -i inventory.yaml -p wrods=x');
    expect(input.code).toBe(9);
    expect(input.err).toMatch(/\/inputs\/wrods/);
  });

  it('starts nothing where nobody can be asked, or where the answer is not yes', async () => {
    expect(await say('run start greeting -i inventory.yaml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    });
    const no = await say('run start greeting -i inventory.yaml', { terminal: true, input: 'n\n' });
    expect(no).toMatchObject({ code: 1, err: expect.stringContaining('not confirmed') });
    expect((await api.ask('GET', '/v1/runs')).body.runs).toEqual([]);
  });

  it('starts a run after a yes, and says how to follow it', async () => {
    const typed = await say('run start greeting -i inventory.yaml', { terminal: true, input: 'y\n' });
    expect(typed.code).toBe(0);
    const [, run = ''] = /started (greeting-\w+)/.exec(typed.out) ?? [];
    expect(typed.out).toContain(`belay run watch ${run}`);
    const refused = await say('run start greeting -i inventory.yaml --yes --no-wait');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining(`held by run ${run}`) });
    const second = await say('run start greeting -i inventory.yaml --yes');
    expect(second.out).toMatch(new RegExp(`it waits for \\S+, 1st in line, held by run ${run}, started by`));
    const [, waiting = ''] = /started (greeting-\w+)/.exec(second.out) ?? [];
    const listed = await say('run list --waiting');
    expect(listed.out).toMatch(new RegExp(`${waiting} +waits for \\S+, 1st in line, held by run ${run}`));
    const shown = await say(`run show ${waiting}`);
    expect(shown.out).toMatch(new RegExp(`state +waits for \\S+, 1st in line, held by run ${run}`));
    expect(shown.out).toContain(`belay run cancel ${waiting}`);
    await moveRun(api.records.database, waiting, 'cancelled');
    await moveRun(api.records.database, run, 'cancelled');
    await releaseLeases(api.records.database, run);
  });

  const endings: [RunState, number][] = [
    ['succeeded', 0],
    ['failed', 3],
    ['rejected', 5],
    ['cancelled', 6],
    ['timed_out', 7],
    ['undone', 8],
    ['undo_incomplete', 10],
    ['waiting', 11],
  ];
  it.each(endings)('watching a run that is %s ends with %i, after a recap a host', async (state, code) => {
    const typed = await say(`run watch ${await runIn(state)}`);
    expect(typed.code).toBe(code);
    expect(typed.out).toMatch(/\nHOST +ok +changed +failed +unreachable/);
    expect((await say(`run show ${await runIn(state)} --exit-code`)).code).toBe(code);
  });

  it('ends with 4 where hosts were only unreachable', async () => {
    const run = await runIn('running', alone('lost'));
    await beginAttempts(api.records.database, run, 'work', [{ host: 'lost', attempt: 1 }]);
    const failure = {
      kind: 'host/unreachable',
      tried: 'connect',
      known: 'nothing was started',
      next: 'look at it',
    } as const;
    await writeResults(api.records.database, [result(run, 'work', 'lost', { ending: 'unreachable', failure })]);
    await moveRun(api.records.database, run, 'failed');
    const typed = await say(`run watch ${run}`);
    expect(typed.code).toBe(4);
    expect(typed.out).toContain('host/unreachable: nothing was started; look at it');
    expect((await say(`run show ${run}`)).out).toContain('host/unreachable');
  });

  it('follows a run to its end, and each event comes once', async () => {
    const run = await runIn('running');
    const following = say(`run watch ${run} -o json`);
    for (let count = 0; count < 5; count += 1) {
      await moveRun(api.records.database, run, 'pausing', { count });
      await moveRun(api.records.database, run, 'running', { count });
    }
    await moveRun(api.records.database, run, 'succeeded');
    const typed = await following;
    const numbers = typed.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { sequence: number }).sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(typed.code).toBe(0);
  });

  it('paints a tree on a terminal, and leaves with a word on how to come back', async () => {
    const run = await runIn('running');
    const leave = new AbortController();
    const typed = await say(`run watch ${run}`, {
      terminal: true,
      interrupted: leave.signal,
      watch: (out) => out.includes('1 Only') && leave.abort(),
    });
    expect(typed.code).toBe(130);
    expect(typed.out).toContain('\x1b[2K');
    expect(typed.err).toContain(`The run goes on. Come back with: belay run watch ${run}`);
  });

  it.each([
    [{ environment: { NO_COLOR: '1' } }, ''],
    [{}, ' --no-color'],
    [{ environment: { TERM: 'dumb' } }, ''],
  ])('prints no colours where nobody wants them: %j%s', async (around, flag) => {
    const coloured = /\x1b\[\d+m/;
    const run = await runIn('succeeded');
    expect((await say(`run watch ${run}`, { terminal: true })).out).toMatch(coloured);
    expect((await say(`run watch ${run}${flag}`, { terminal: true, ...around })).out).not.toMatch(coloured);
    expect((await say(`run watch ${run}`)).out).not.toMatch(coloured);
  });

  describe('an approval', () => {
    let run: string;
    beforeAll(async () => {
      run = await runIn('running', gated);
      await askApproval(api.records.database, run, 1);
      await moveRun(api.records.database, run, 'waiting', { for: 'approval', phase: 1 });
    });

    it('is shown with the command to type, in list, show and watch', async () => {
      expect((await say('run list --waiting')).out).toMatch(new RegExp(`${run} +waiting for approval`));
      for (const command of ['show', 'watch']) {
        const typed = await say(`run ${command} ${run}`);
        expect(typed.out).toContain('Phase 2 (Nodes) waits for approval, 0 of 2 votes');
        expect(typed.out).toContain(`belay run approve ${run} --phase 2`);
      }
    });

    it('shows the plan that is approved, and records who typed it', async () => {
      const typed = await say(`run approve ${run} --yes --comment looks-right`);
      expect(typed.out).toMatch(/plan +[0-9a-f]{64}/);
      expect(typed.out).toContain('asks   Go on?');
      const { approval } = (await api.ask('GET', `/v1/runs/${run}`)).body;
      expect(approval).toMatchObject({ votes: 1, wanted: 2 });
      const { events } = (await api.ask('GET', `/v1/runs/${run}/events`)).body;
      expect(events).toContainEqual(
        expect.objectContaining({
          kind: 'verb-said',
          data: expect.objectContaining({ by: 'tester (not authenticated)' }),
        }),
      );
    }, 30_000);

    it.each([
      ['--phase 1 --yes', /phase 1 \(Cache\) asks for no approval/],
      ['--phase 9 --yes', /there is no phase 9/],
      ['--plan 0000 --yes', /has the plan [0-9a-f]{64}, not 0000/],
      ['', /give --yes/],
    ])('is not given by mistake: approve %s', async (flags, message) => {
      const typed = await say(`run approve ${run} ${flags}`);
      expect(typed.code).not.toBe(0);
      expect(typed.err).toMatch(message);
    });
  });

  it.each([
    'pause',
    'resume',
    'retry --step work --host h',
    'retry --from work --failed --yes',
    'skip --reason it-is-done',
    'mark-done --step work --host h --reason seen',
    'exclude --host h --reason broken',
    'undo --to work --yes',
    'undo --host h --reason broken --yes',
    'cancel --undo --yes',
    'cancel --yes --reason enough',
  ])('says %s in words that the API understands', async (words) => {
    const [verb = '', ...flags] = words.split(' ');
    const run = await runIn('undone');
    const typed = await say(`run ${verb} ${run} ${flags.join(' ')}`);
    expect(typed.err).toMatch(/^belay: the run has ended/);
    const { events } = (await api.ask('GET', `/v1/runs/${run}/events`)).body;
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'verb-said', data: expect.objectContaining({ verb }) }),
    );
  });

  it('votes for each phase that waits, where it is told to, as often as one person can', async () => {
    const hash = await keepPlan(api, gated);
    const typing = say(`run start --plan ${hash} --yes --approve`);
    const started = async (): Promise<string | undefined> => {
      const { runs } = (await api.ask('GET', '/v1/runs')).body as {
        runs: { run: string; planHash: string }[];
      };
      // It may wait for the machine, which runs of other tests hold.
      return runs.find((one) => one.planHash === hash)?.run;
    };
    await expect.poll(started, { timeout: 60_000 }).toBeDefined();
    const run = (await started()) ?? '';
    const { database } = api.records;
    await moveRun(database, run, 'running');
    await askApproval(database, run, 1);
    await moveRun(database, run, 'waiting', { for: 'approval', phase: 1 });
    const typed = await typing;
    expect(typed.out).toContain('asks   Go on?');
    expect((await api.ask('GET', `/v1/runs/${run}`)).body.approval).toMatchObject({ votes: 1, wanted: 2 });
  }, 120_000);

  it('starts a plan that was shown before, and no other', async () => {
    const hash = await keepPlan(api, alone());
    const typed = await say(`run start --plan ${hash} --yes -o json`);
    expect(JSON.parse(typed.out)).toMatchObject({ planHash: hash, state: 'planned' });
    expect(await say(`run start --plan ${'a'.repeat(64)} --yes`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no plan'),
    });
    expect(await say(`run start greeting --plan ${hash}`)).toMatchObject({
      code: 2,
      err: 'belay: give a runbook or --plan, not both\n',
    });
  });

  it('says why a verb is refused', async () => {
    const run = await runIn('succeeded');
    const typed = await say(`run resume ${run}`);
    expect(typed).toMatchObject({ code: 1, out: '' });
    expect(typed.err).toMatch(/^belay: .*ended/);
  });

  it('knows a run by its beginning, and says so where there is none', async () => {
    const run = await runIn('succeeded');
    expect((await say(`run show ${run.slice(0, -1)}`)).out).toContain(run);
    expect(await say('run show nothing')).toMatchObject({ code: 1, err: 'belay: there is no run nothing\n' });
  });

  it('copies output byte for byte to a pipe, and harmlessly to a terminal', async () => {
    const run = await runIn('running', alone('writer'));
    await beginAttempts(api.records.database, run, 'work', [{ host: 'writer', attempt: 1 }]);
    const bytes = Buffer.from('one\n\x1b]0;evil\x07two\n');
    await appendOutput(api.records.database, {
      run,
      step: 'work',
      host: 'writer',
      attempt: 1,
      part: 'do',
      stream: 'stdout',
      offset: 0,
      bytes,
    });
    expect((await say(`run output ${run} work writer`)).out).toBe(bytes.toString());
    expect((await say(`run output ${run} work writer`, { terminal: true })).out).toBe('one\n\\u{1b}]0;evil\\u{7}two\n');
    expect((await say(`run output ${run} work writer --raw`, { terminal: true })).out).toBe(bytes.toString());
    const following = say(`run output ${run} work writer --follow`);
    await appendOutput(api.records.database, {
      run,
      step: 'work',
      host: 'writer',
      attempt: 1,
      part: 'do',
      stream: 'stdout',
      offset: bytes.length,
      bytes: Buffer.from('three\n'),
    });
    await writeResults(api.records.database, [result(run, 'work', 'writer')]);
    expect((await following).out).toBe(`${bytes.toString()}three\n`);
  });

  it('prints the links of a run in Temporal’s web UI', async () => {
    const run = await runIn('succeeded');
    expect((await say(`run open ${run}`)).out).toBe(
      `http://127.0.0.1:8233/namespaces/default/workflows/run%3A${run}\n`,
    );
  });

  describe('a secret', () => {
    let identity: string;
    beforeAll(async () => {
      identity = await generateX25519Identity();
      writeFileSync(join(api.data, 'worker-key.pub'), await identityToRecipient(identity));
    });

    async function opened(name: string, version: number): Promise<string> {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      const sealed = await readSealed(api.records.database, name, version);
      return Buffer.from(await decrypter.decrypt(sealed ?? new Uint8Array())).toString();
    }

    it.each([
      ['a line', 'hunter2-hunter2\n', 'hunter2-hunter2'],
      ['a line of another system', 'hunter2-hunter2\r\n', 'hunter2-hunter2'],
      ['no line end', 'hunter2-hunter2', 'hunter2-hunter2'],
      [
        'several lines',
        '-----BEGIN KEY-----\nabc\n-----END KEY-----\n',
        '-----BEGIN KEY-----\nabc\n-----END KEY-----\n',
      ],
    ])('is read from standard input and sealed here: %s', async (_, input, value) => {
      const typed = await say('secret set redis', { input });
      expect(typed).toMatchObject({ code: 0, err: '' });
      const [, version = '0'] = /version (\d+) is stored/.exec(typed.out) ?? [];
      expect(await opened('redis', Number(version))).toBe(value);
    });

    it('is not echoed on a terminal, where a wrong letter can be rubbed out', async () => {
      const typed = await say('secret set typed', { terminal: true, input: 'hunterä\x7f2-hunter2\r' });
      expect(typed.out + typed.err).not.toContain('hunter');
      expect(await opened('typed', 1)).toBe('hunter2-hunter2');
    });

    it('is not empty', async () => {
      expect(await say('secret set empty', { input: '\n' })).toMatchObject({
        code: 2,
        err: 'belay: the value is empty\n',
      });
    });

    it('is listed without its value', async () => {
      const typed = await say('secret list');
      expect(typed.out).toMatch(/^NAME +VERSION +NEXT +STORED \(UTC\) +BY\n[\s\S]*redis +4 +- /);
      expect(typed.out).not.toContain('hunter');
    });
  });

  it('lists hosts with what is pinned, and asks for nothing of a host without a key', async () => {
    const typed = await say('host list -i inventory.yaml');
    expect(typed.out).toMatch(/alpha +root@192\.0\.2\.1:22 +none: belay host enrol/);
    expect(typed.out).toMatch(/beta +root@192\.0\.2\.2:22 +greeted +1/);
    const check = await say('host check alpha -i inventory.yaml');
    expect(check).toMatchObject({ code: 1, out: expect.stringContaining('no key is pinned') });
    expect(await say('host check alhpa -i inventory.yaml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean alpha?'),
    });
  });

  it('tells an API with another token', async () => {
    const other = dataFolderFor(
      (JSON.parse(readFileSync(join(desk.data, 'up.json'), 'utf8')) as { api: string }).api,
      'y'.repeat(40),
    );
    expect(await say('run list', { environment: { BELAY_DATA: other } })).toMatchObject({
      code: 1,
      err: expect.stringContaining('does not know this token'),
    });
    rmSync(other, { recursive: true });
  });
}, 60_000);
