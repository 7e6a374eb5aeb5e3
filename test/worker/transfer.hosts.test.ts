import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createHostActivities, type HostActivities } from '../../activities/ssh/activities.js';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { openWorkerKey } from '../../apps/worker/secrets/identity.js';
import { readSettings } from '../../apps/worker/settings.js';
import { hostNeeds } from '../../apps/worker/wiring/hosts.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { openRendering } from '../../apps/worker/wiring/rendering.js';
import type { Database } from '../../database/connect.js';
import { storeSecret } from '../../database/secrets.js';
import { readTasks } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import type { Plan } from '../../model/plan.js';
import { phase, plan, running, step, withDatabase } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { startSshd, type Sshd } from '../ssh/sshd.js';
import { compileStep } from '../steps/cases.js';

const mebibyte = 1024 * 1024;

let postgres: TestPostgres;
let primary: Sshd;
let replica: Sshd;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync('/var/tmp/belay-transfer-');
  [postgres, primary, replica] = await Promise.all([startPostgres(), startSshd(), startSshd()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), primary.stop(), replica.stop()]);
  rmSync(folder, { recursive: true });
});

const environment = (): MockActivityEnvironment => new MockActivityEnvironment();

/** A worker, and a run whose one step carries `seed` from the primary to the replica. */
async function worker(
  db: Database,
  sessions: Sessions,
): Promise<{ activities: HostActivities; run: string; where: Parameters<HostActivities['runHostStep']>[0] }> {
  const [from, to] = [join(primary.folder, 'seed'), join(replica.folder, 'seed')];
  const key = await openWorkerKey(folder);
  const seed = { transfer: { from: { host: 'primary', path: from }, path: to } };
  const of = plan([
    phase('All', [['primary', 'replica']], [step('seed', ['replica'], { operations: [compileStep(seed)] })]),
  ]);
  const placed = async (name: string, sshd: Sshd): Promise<Plan['hosts'][string]> => {
    const { address, port, user, hostKeys } = sshd.destination();
    const version = await storeSecret(db, name, await key.seal(sshd.userKey), 'ada');
    return { ...of.hosts[name]!, address, port, user, hostKeys, key: { secret: name, version } };
  };
  const hosts = { primary: await placed('primary', primary), replica: await placed('replica', replica) };
  const run = await running(db, { ...of, hosts });
  const plans = openPlans(db);
  const settings = readSettings({ BELAY_DATA: folder, BELAY_DATABASE_URL: 'unused' });
  const activities = createHostActivities(hostNeeds(db, plans, openRendering(db, plans, key), sessions, key, settings));
  return { activities, run, where: { run, phase: 0, wave: 0, step: 'seed', hosts: [{ host: 'replica', attempt: 1 }] } };
}

test("a worker carries a file between two hosts of a run, and undo brings the replica's own back", async () =>
  withDatabase(postgres, async (db) => {
    const [from, to] = [join(primary.folder, 'seed'), join(replica.folder, 'seed')];
    writeFileSync(from, 'the seed of the primary');
    writeFileSync(to, 'its own', { mode: 0o640 });
    // Two hosts on one machine: two journals are enough, since each names its host.
    const sessions = createSessions({ stateDirectory: replica.state });
    const { activities, run, where } = await worker(db, sessions);
    const standings = await environment().run(activities.runHostStep, where);
    expect(standings).toMatchObject([{ host: 'replica', ending: 'done' }]);
    expect(readFileSync(to, 'utf8')).toBe('the seed of the primary');
    expect(await readTasks(db, run)).toMatchObject([{ host: 'replica', state: 'changed', ending: 'done' }]);
    const undo = await startUndo(db, run, 'ada');
    const back = { ...where, undo, hosts: ['replica'] };
    expect(await environment().run(activities.undoHostStep, back)).toMatchObject([{ outcome: 'undone' }]);
    expect(readFileSync(to, 'utf8')).toBe('its own');
    await sessions.close();
  }));

/** Sessions, with something that happens after each piece that was read from a host or written to one. */
function watched(sessions: Sessions, seen: () => void): Sessions {
  const watch = (session: Session): Session =>
    new Proxy(session, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        const bound = value.bind(target) as (...words: unknown[]) => unknown;
        if (name !== 'piece' && name !== 'carry') return bound;
        return async (...words: unknown[]) => {
          const came: unknown = await bound(...words);
          seen();
          return came;
        };
      },
    });
  return { open: async (...words) => watch(await sessions.open(...words)), close: async () => sessions.close() };
}

/** The files below some folders that hold a text. */
function holding(text: string, folders: readonly string[]): string[] {
  return folders
    .flatMap((top) => readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => join(top, name)))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text));
}

/** Bytes that this process has had written to disks. */
const writtenHere = (): number => Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

test('what a worker carries goes through its memory, and is on no disk of its own, not for a moment', async () =>
  withDatabase(postgres, async (db) => {
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    const before = process.env['TMPDIR'];
    onTestFinished(() => void (before === undefined ? delete process.env['TMPDIR'] : (process.env['TMPDIR'] = before)));
    process.env['TMPDIR'] = temporary;
    expect(tmpdir()).toBe(temporary);
    const canary = randomBytes(16).toString('hex');
    const [from, to] = [join(primary.folder, 'seed'), join(replica.folder, 'seed')];
    writeFileSync(from, `${canary}\n`.repeat((8 * mebibyte) / 33));
    const found = new Set<string>();
    let looks = 0;
    const search = (): void => {
      looks += 1;
      for (const path of holding(canary, [folder])) found.add(path);
    };
    const sessions = createSessions({ stateDirectory: replica.state });
    const { activities, where } = await worker(db, watched(sessions, search));
    const written = writtenHere();
    expect(await environment().run(activities.runHostStep, where)).toMatchObject([{ ending: 'done' }]);
    search();
    expect(readFileSync(to).equals(readFileSync(from))).toBe(true);
    expect(looks).toBeGreaterThan(10);
    expect([...found]).toEqual([]);
    expect(writtenHere() - written).toBeLessThan(4 * mebibyte);
    writeFileSync(join(temporary, 'planted'), canary);
    search();
    expect([...found]).toEqual([join(temporary, 'planted')]);
    await sessions.close();
  }));
