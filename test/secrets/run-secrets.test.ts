import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorityPem, createAuthority } from '../../activities/certificates/authority.js';
import type { Authority } from '../../activities/certificates/sign.js';
import { seal } from '../../activities/certificates/seal.js';
import { openWorkerKey } from '../../apps/worker/secrets/identity.js';
import { createRunSecrets, type SecretRecords } from '../../apps/worker/secrets/run-secrets.js';
import { SecretValue } from '../../apps/worker/secrets/secret-value.js';
import { Failed } from '../../model/failure.js';
import type { Plan } from '../../model/plan.js';
import { secretText } from '../../model/secret-text.js';

let data: string;
beforeEach(async () => (data = await mkdtemp(join(tmpdir(), 'belay-secrets-'))));
afterEach(async () => rm(data, { recursive: true }));

const plan = {
  secrets: {
    password: { generate: { length: 32 } },
    authority: { certificate_authority: { name: 'Cluster' } },
    login: { stored: 'ldap-login', version: 3 },
  },
  phases: [],
} as unknown as Plan;

/** Sealed values in memory, with the first writer winning, as the database does it. */
function kept(): SecretRecords & { readonly sealed: Map<string, Uint8Array> } {
  const sealed = new Map<string, Uint8Array>();
  return {
    sealed,
    keepRunSecret: async (run, name, value) => {
      if (!sealed.has(`${run}/${name}`)) sealed.set(`${run}/${name}`, value);
      return sealed.get(`${run}/${name}`) ?? value;
    },
    takeNextSecret: async (run, name, { stored, after }, value) => {
      if (!sealed.has(`${stored}@${after + 1}`)) sealed.set(`${stored}@${after + 1}`, value);
      sealed.set(`${run}/${name}`, sealed.get(`${stored}@${after + 1}`)!);
    },
    readRunSecret: async (run, name) => sealed.get(`${run}/${name}`),
    readSealed: async (name, version) => sealed.get(`${name}@${version}`),
  };
}

async function failure(work: Promise<unknown>): Promise<Failed> {
  return work.then(
    () => {
      throw new Error('it should have failed');
    },
    (error: unknown) => error as Failed,
  );
}

describe("the worker's key", () => {
  test('is made once, for its owner alone, and stays', async () => {
    for (let round = 0; round < 20; round++) {
      const racing = await Promise.all([1, 2, 3, 4].map(async () => openWorkerKey(join(data, `round-${round}`))));
      expect(new Set(racing.map((key) => key.recipient)).size).toBe(1);
    }
    await rm(data, { recursive: true });
    const keys = [await openWorkerKey(data)];
    expect((await stat(join(data, 'worker-key'))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(data, 'worker-key.pub'), 'utf8')).trim()).toBe(keys[0]?.recipient);
    expect((await readdir(data)).sort()).toEqual(['worker-key', 'worker-key.pub']);
    expect((await openWorkerKey(data)).recipient).toBe(keys[0]?.recipient);
  });

  test.each([0o640, 0o604, 0o644, 0o666])('is refused where others could read it (%o)', async (mode) => {
    await openWorkerKey(data);
    await chmod(join(data, 'worker-key'), mode);
    await expect(openWorkerKey(data)).rejects.toThrow('others can read the key');
  });

  test('is refused where the file holds something else, and is not replaced', async () => {
    await writeFile(join(data, 'worker-key'), 'not a key\n', { mode: 0o600 });
    await expect(openWorkerKey(data)).rejects.toThrow('holds no age key');
    expect(await readFile(join(data, 'worker-key'), 'utf8')).toBe('not a key\n');
  });

  test('opens what the CLI sealed to it, and nothing that was changed or sealed to another', async () => {
    const key = await openWorkerKey(data);
    const value = Buffer.from([0, 255, 10, 13, 200]);
    const sealed = await seal(value, key.recipient);
    expect(Buffer.from(await key.open(sealed))).toEqual(value);
    expect(Buffer.from(sealed).includes(value)).toBe(false);
    const changed = sealed.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await expect(key.open(changed)).rejects.toThrow();
    const other = await openWorkerKey(join(data, 'other'));
    await expect(other.open(sealed)).rejects.toThrow();
  });

  test('does not print its private half', async () => {
    const key = await openWorkerKey(data);
    expect(`${inspect(key, { depth: 9, showHidden: true })}${JSON.stringify(key)}`).not.toContain('AGE-SECRET');
  });
});

describe('secrets of a run', () => {
  test('are made once, even by two workers at once, and are sealed where they rest', async () => {
    const records = kept();
    const secrets = createRunSecrets(records, await openWorkerKey(data), () => new Date());
    await Promise.all([secrets.prepareRunSecrets('r1', plan), secrets.prepareRunSecrets('r1', plan)]);
    const first = (await secrets.openSecrets('r1', plan, ['password'])).get('password')?.open() as string;
    await secrets.prepareRunSecrets('r1', plan);
    expect((await secrets.openSecrets('r1', plan, ['password'])).get('password')?.open()).toBe(first);
    expect(first).toMatch(/^[A-Za-z2-9]{32}$/);
    const resting = Buffer.concat([...records.sealed.values()]);
    expect(resting.includes(first)).toBe(false);
    expect(resting.includes('PRIVATE KEY')).toBe(false);
  });

  test('differ from run to run', async () => {
    const secrets = createRunSecrets(kept(), await openWorkerKey(data), () => new Date());
    await Promise.all(['r1', 'r2'].map(async (run) => secrets.prepareRunSecrets(run, plan)));
    const [one, two] = await Promise.all(['r1', 'r2'].map(async (run) => secrets.openSecrets(run, plan, ['password'])));
    expect(one?.get('password')?.open()).not.toBe(two?.get('password')?.open());
  });

  test('hold an authority as certificate and key that OpenSSL takes together', async () => {
    const secrets = createRunSecrets(kept(), await openWorkerKey(data), () => new Date());
    await secrets.prepareRunSecrets('r1', plan);
    const authority = (await secrets.openSecrets('r1', plan, ['authority'])).get('authority')?.open() as Authority;
    const publicKey = (words: string[], input: string): string => execFileSync('openssl', words, { input }).toString();
    expect(publicKey(['x509', '-noout', '-pubkey'], authority.certificate)).toBe(
      publicKey(['pkey', '-pubout'], authority.key),
    );
  });

  test('stored ones are opened at the version of the plan', async () => {
    const records = kept();
    const key = await openWorkerKey(data);
    records.sealed.set('ldap-login@3', await seal(Buffer.from('third'), key.recipient));
    records.sealed.set('ldap-login@4', await seal(Buffer.from('fourth'), key.recipient));
    const secrets = createRunSecrets(records, key, () => new Date());
    expect((await secrets.openSecrets('r1', plan, ['login'])).get('login')?.open()).toBe('third');
  });

  const authority = async (stored: string): Promise<Authority> => {
    const [records, key] = [kept(), await openWorkerKey(data)];
    records.sealed.set('cluster-ca@1', await seal(Buffer.from(stored), key.recipient));
    const secrets = createRunSecrets(records, key, () => new Date());
    const ofStore = { secrets: { ca: { stored: 'cluster-ca', version: 1, authority: true } } } as unknown as Plan;
    return (await secrets.openSecrets('r1', ofStore, ['ca'])).get('ca')?.open() as Authority;
  };

  test('a stored authority has its parts, as OpenSSL writes them too', async () => {
    const made = await createAuthority('Cluster', new Date());
    expect(await authority(authorityPem(made))).toEqual(made);
    expect(await authority(JSON.stringify(made))).toEqual(made);
    const openssl = execFileSync('sh', [
      '-c',
      'openssl req -x509 -newkey rsa:3072 -nodes -days 9 -subj /CN=Ours -keyout /dev/stdout 2>/dev/null | cat >"$0" && ' +
        'sed -n "/BEGIN CERT/,/END CERT/p" "$0" && sed -n "/BEGIN PRIV/,/END PRIV/p" "$0"',
      join(data, 'ours'),
    ]).toString();
    expect((await authority(openssl)).key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  test.each([
    ['a word', async () => 'hunter2-hunter2'],
    ['a certificate without its key', async () => (await createAuthority('Cluster', new Date())).certificate],
    [
      'the key of another',
      async () => {
        const [one, other] = [await createAuthority('A', new Date()), await createAuthority('B', new Date())];
        return authorityPem({ certificate: one.certificate, key: other.key });
      },
    ],
  ])('what was stored as an authority and is none is told, and not shown: %s', async (_, stored) => {
    const { failure: said } = await failure(authority(await stored()));
    expect(said).toMatchObject({
      kind: 'secret/missing',
      known: expect.stringContaining('no certificate of an authority'),
    });
    expect(JSON.stringify(said)).not.toMatch(/hunter2|PRIVATE/);
  });

  test('a missing one is said to be missing, with what to do', async () => {
    const secrets = createRunSecrets(kept(), await openWorkerKey(data), () => new Date());
    const stored = await failure(secrets.openSecrets('r1', plan, ['login']));
    expect(stored).toBeInstanceOf(Failed);
    expect(stored.failure).toMatchObject({
      kind: 'secret/missing',
      next: expect.stringContaining('belay secret set ldap-login'),
    });
    expect((await failure(secrets.openSecrets('r1', plan, ['password']))).failure.kind).toBe('secret/missing');
    expect((await failure(secrets.openSecrets('r1', plan, ['nobody']))).failure.kind).toBe('secret/missing');
  });

  test('one sealed to a lost key is said to be so', async () => {
    const records = kept();
    records.sealed.set('ldap-login@3', await (await openWorkerKey(join(data, 'other'))).seal(Buffer.from('third')));
    const secrets = createRunSecrets(records, await openWorkerKey(data), () => new Date());
    expect((await failure(secrets.openSecrets('r1', plan, ['login']))).failure.known).toContain('another key');
  });
});

describe('a secret in memory', () => {
  const secret = new SecretValue('hunter2-hunter2');

  test.each([
    ['a template', () => `${secret as unknown as string}`],
    ['toString', () => secret.toString() + String(secret)],
    ['JSON', () => JSON.stringify({ secret })],
    ['inspect', () => inspect({ deep: [secret] }, { depth: 9, showHidden: true, customInspect: true })],
    ['inspect without custom printing', () => inspect(secret, { depth: 9, showHidden: true, customInspect: false })],
    ['format', () => format('%s %o %O %j %d', secret, secret, secret, secret, secret)],
    ['an error', () => String(new Error('oops', { cause: secret }).cause)],
    ['adding', () => 'x' + (secret as unknown as string)],
    ['a copy', () => JSON.stringify({ ...secret }) + JSON.stringify(Object.assign({}, secret))],
    ['a structured clone', () => inspect(structuredClone(secret), { depth: 9 })],
  ])('is not shown by %s', (_name, show) => {
    expect(show()).not.toContain('hunter2');
  });

  test('is given when it is opened', () => {
    expect(secret.open()).toBe('hunter2-hunter2');
  });
});

describe('a generated text', () => {
  test('uses every character about equally often', () => {
    const counts = new Map<string, number>();
    for (const sign of secretText(56_000, randomInt)) counts.set(sign, (counts.get(sign) ?? 0) + 1);
    expect(counts.size).toBe(56);
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 55 degrees of freedom: above 120 once in about a million runs.
    expect(chiSquared).toBeLessThan(120);
  });

  test('is never short', () => {
    expect(() => secretText(11, randomInt)).toThrow(RangeError);
  });
});
