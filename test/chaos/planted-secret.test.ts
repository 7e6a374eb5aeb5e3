import { spawn } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readAuthority } from '../../activities/certificates/authority.js';
import { openWorkerKey } from '../../apps/worker/secrets/identity.js';
import { readRunSecret } from '../../database/secrets.js';
import { hits, needle, searchFiles, watchArguments, type Needle } from './needles.js';
import { searchHost } from './search-host.js';
import { openStage, type Stage } from './stage.js';

/** Where the runbook itself puts a secret: the password that Redis asks for, and the directory's own pages. */
const meant = /\/etc\/redis\/redis\.conf$|\/var\/lib\/ldap\/data\.mdb$/;
const hosts = ['cache', 'node1', 'node2', 'directory'];

describe('secrets of a run', () => {
  const control = 'control-value-found-6f1d';
  let stage: Stage;
  let run: string;
  let secrets: Needle[];
  let watched: { found: string[]; looks: number; distinct: number };

  beforeAll(async () => {
    stage = await openStage('chaos-secret');
    const key = await openWorkerKey(stage.belay.data);
    run = await stage.start(stage.plan);
    const sealed = async (name: string): Promise<string> => {
      const bytes = await vi.waitUntil(() => readRunSecret(stage.database, run, name), {
        timeout: 60_000,
        interval: 10,
      });
      return Buffer.from(await key.open(bytes)).toString();
    };
    const authority = readAuthority(await sealed('cluster_ca'))!;
    secrets = [
      needle('redis password', await sealed('redis_password')),
      needle('directory password', readFileSync(stage.lab.directory!.passwordFile, 'utf8')),
      needle('key of the hosts', longestLine(readFileSync(stage.lab.keyFile, 'utf8'))),
      needle('key of the authority', longestLine(authority.key)),
      needle('control', control),
    ];
    const watch = watchArguments(secrets);
    const shown = spawn('sleep', ['600'], { argv0: control });
    expect(await stage.end(run, 180)).toBe('succeeded');
    shown.kill();
    watched = watch.stop();
  }, 600_000);
  afterAll(async () => stage?.close(), 120_000);

  it('are what the hosts have got, so that the search looks for the right thing', async () => {
    const conf = Buffer.from(await stage.on('cache', 'cat /etc/redis/redis.conf'));
    expect(hits(conf, secrets)).toEqual(['redis password']);
    const pages = readFileSync(join(stage.lab.host('directory').upper, 'var/lib/ldap/data.mdb'));
    expect(hits(pages, secrets)).toContain('redis password');
  });

  it('are in no argument list of any process, here or on the hosts', () => {
    process.stdout.write(`${watched.looks} looks at ${watched.distinct} argument lists\n`);
    expect(watched.found.filter((line) => !line.startsWith('control'))).toEqual([]);
    expect(watched.found.filter((line) => line.startsWith('control'))).toHaveLength(1);
    expect(watched.looks).toBeGreaterThan(50);
  });

  it('are in no row of Belay’s database', async () => {
    await stage.database.query('create table control (value bytea)');
    await stage.database.query('insert into control values ($1)', [Buffer.from(`a ${control} b`)]);
    expect(await searchTables()).toEqual(['control in table control']);
    await stage.database.query('drop table control');
  });

  it('are in no file of Belay’s data: logs, Temporal’s database, Postgres’ pages and journal', () => {
    const planted = join(stage.belay.data, 'log', 'control');
    writeFileSync(planted, Buffer.from(control).toString('base64'));
    const places = [...new Set([stage.belay.data, realpathSync(join(stage.belay.data, 'postgres'))])];
    const found = places.flatMap((place) => searchFiles(place, secrets));
    expect(found.filter((line) => !line.startsWith('control'))).toEqual([]);
    expect(found).toContain(`control in ${planted}`);
  });

  it('are in no file of the hosts but those that the runbook means', async () => {
    const coded = Buffer.from(control).toString('hex');
    for (const folder of ['/srv', '/run', '/dev/shm'])
      await stage.on('node2', `printf '%s' ${coded} >${folder}/control`);
    const found = await searchHosts();
    expect(found.filter((line) => !line.startsWith('control'))).toEqual([]);
    expect(found).toHaveLength(3);
  });

  it('are nowhere after the undo either', { timeout: 180_000 }, async () => {
    await stage.belay.say(run, 'undo');
    expect(await stage.end(run, 150)).toBe('undone');
    const own = secrets.filter(({ name }) => name !== 'control');
    expect(searchFiles(stage.belay.data, own)).toEqual([]);
    expect(await searchHosts(own)).toEqual([]);
  });

  /** The directory's own server keeps the password that it asks for. */
  async function searchHosts(wanted: readonly Needle[] = secrets): Promise<string[]> {
    const unknownToIt = wanted.filter((one) => one.name !== 'directory password');
    const found = hosts.map(async (name) =>
      searchHost(stage.lab, name, name === 'directory' ? unknownToIt : wanted, (path) => meant.test(path)),
    );
    return (await Promise.all(found)).flat();
  }

  async function searchTables(): Promise<string[]> {
    const tables = await stage.database.query<{ name: string }[]>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      // A bytea shows as hex, which is one of the forms that are looked for.
      const rows = await stage.database.query<{ line: string }[]>(`select t::text as line from ${name} t`);
      const all = hits(Buffer.from(rows.map((row) => row.line).join('\n')), secrets);
      found.push(...all.map((secret) => `${secret} in table ${name.replace('public.', '')}`));
    }
    return found;
  }
});

/** Of a PEM text: a line that is its own alone. */
function longestLine(pem: string): string {
  const lines = pem.split('\n').filter((line) => !line.startsWith('-----') && line.length > 20);
  return lines[Math.floor(lines.length / 2)] ?? '';
}
