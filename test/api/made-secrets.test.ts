import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAuthority } from '../../activities/certificates/authority.js';
import { listSecrets, readSealed, storeFirst } from '../../database/secrets.js';
import { planAnswer } from '../../model/answers.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { openApi, underKey, type Answer, type Api } from './api.js';

describe('secrets that a plan may have made', () => {
  let postgres: TestPostgres;
  let api: Api;
  let identity: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    identity = await generateX25519Identity();
  });
  afterAll(async () => postgres.stop());
  beforeEach(async () => {
    api = await openApi(postgres);
    writeFileSync(join(api.data, 'worker-key.pub'), await identityToRecipient(identity));
    return async () => api.close();
  });

  const runbook = readFileSync('test/cases/cli/keyed.yaml', 'utf8');
  const files = { 'keyed.yaml': runbook, 'hosts.yaml': readFileSync('test/cases/cli/inventory.yaml', 'utf8') };
  const body = { files, runbook: 'keyed.yaml', inventory: 'hosts.yaml' };
  const planned = async (more: object): Promise<Answer> => api.ask('POST', '/v1/plans', { ...body, ...more });
  const stored = async (): Promise<string[]> =>
    (await listSecrets(api.records.database)).map(({ name, version, by }) => `${name} ${version} by ${by}`);

  async function opened(name: string): Promise<string> {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const sealed = await readSealed(api.records.database, name, 1);
    return Buffer.from(await decrypter.decrypt(sealed ?? new Uint8Array())).toString();
  }

  it('are made where they are missing, sealed to the worker, and a run of the plan begins', async () => {
    const answer = await planned({ makeSecrets: true });
    expect(answer.status).toBe(201);
    const { plan, hash, madeSecrets } = planAnswer.parse(answer.body);
    expect(madeSecrets).toEqual(['shared-key', 'cluster-ca']);
    expect(plan.secrets).toMatchObject({ shared: { stored: 'shared-key', version: 1 } });
    expect(await stored()).toEqual([
      'cluster-ca 1 by tester (not authenticated)',
      'shared-key 1 by tester (not authenticated)',
    ]);
    expect(await opened('shared-key')).toMatch(/^[A-Za-z2-9]{40}$/);
    expect(readAuthority(await opened('cluster-ca'))).toBeDefined();
    expect(JSON.stringify(answer.body)).not.toContain(await opened('shared-key'));
    expect((await api.ask('POST', '/v1/runs', { plan: hash }, underKey())).status).toBe(201);
  });

  it('are made once: the next plan has the same', async () => {
    const [first, second] = [await planned({ makeSecrets: true }), await planned({ makeSecrets: true })];
    expect(second.body).not.toHaveProperty('madeSecrets');
    expect(second.body.hash).toBe(first.body.hash);
    expect(await stored()).toHaveLength(2);
  });

  it('are made once, though many ask for them at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, async () => planned({ makeSecrets: true })));
    expect(new Set(answers.map((one) => one.body.hash)).size).toBe(1);
    expect(answers.flatMap((one) => one.body.madeSecrets ?? []).sort()).toEqual(['cluster-ca', 'shared-key']);
    expect((await stored()).map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
      'cluster-ca 1',
      'shared-key 1',
    ]);
  });

  it('are not made where nobody asks for it', async () => {
    const answer = await planned({});
    expect(answer).toMatchObject({ status: 422, body: { type: expect.stringContaining('plan/findings') } });
    expect(await stored()).toEqual([]);
  });

  it('are not made where the runbook has another mistake, which is told', async () => {
    const wrong = { ...files, 'keyed.yaml': runbook.replace('secret.own', 'secret.onw') };
    const answer = await planned({ makeSecrets: true, files: wrong });
    expect(answer.status).toBe(422);
    expect(answer.body.findings).toMatchObject([{ problem: expect.stringContaining('onw') }]);
    expect(await stored()).toEqual([]);
  });

  it('cannot be made before there is a key to seal to', async () => {
    writeFileSync(join(api.data, 'worker-key.pub'), '');
    expect(await planned({ makeSecrets: true })).toMatchObject({ status: 503 });
    expect(await stored()).toEqual([]);
  });

  it('never take the place of a version that is there', async () => {
    const { database } = api.records;
    expect(await storeFirst(database, 'shared-key', Buffer.from('a'), 'ada')).toEqual({ stored: true, version: 1 });
    expect(await storeFirst(database, 'shared-key', Buffer.from('b'), 'eve')).toEqual({ stored: false, version: 1 });
    expect(Buffer.from((await readSealed(database, 'shared-key', 1)) ?? []).toString()).toBe('a');
  });
});
