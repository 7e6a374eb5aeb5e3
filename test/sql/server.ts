import { chown, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import pg from 'pg';
import { serverCertificate, type ServerCertificate } from '../certificates/server-certificate.js';
import { startPostgres } from '../database/postgres.js';

/** A text in what is sent, and whether the server still gets and answers it before the connection goes. */
export interface Fault {
  readonly at: string;
  readonly when: 'before' | 'after';
}

/** A real server with some tables, and a user who may write to them. */
export interface SqlServer {
  readonly port: number;
  readonly database: string;
  readonly certificate: ServerCertificate;
  /** Runs SQL as its superuser. */
  sql(text: string, values?: unknown[]): Promise<unknown[][]>;
  /** A stream to it that may fail once. */
  way(fault?: () => Fault | undefined): Promise<Duplex>;
  speakTls(on: boolean): Promise<void>;
  close(): Promise<void>;
}

export const login = { user: 'app', password: 'the-Login_Password/9' };

export async function startSqlServer(): Promise<SqlServer> {
  const postgres = await startPostgres();
  const { port, pathname } = new URL(postgres.url);
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
  pool.on('error', () => undefined);
  const sql = async (text: string, values: unknown[] = []): Promise<unknown[][]> =>
    (await pool.query<unknown[]>({ text, values, rowMode: 'array' })).rows;
  await pool.query(`create role ${login.user} login password '${login.password}';
    create table things (name text primary key, size integer);
    create table parts (thing text references things (name) deferrable initially deferred);
    grant all on things, parts to ${login.user}`);
  const certificate = await serverCertificate();
  await putCertificate(String((await sql('show data_directory'))[0]?.[0]), certificate);
  return {
    port: Number(port),
    database: pathname.slice(1),
    certificate,
    sql,
    way: async (fault) => wayTo(Number(port), fault ?? (() => undefined)),
    speakTls: async (on) => {
      await sql(`alter system set ssl = ${on ? 'on' : 'off'}`);
      await sql('select pg_reload_conf()');
      while ((await sql('show ssl'))[0]?.[0] !== (on ? 'on' : 'off')) await sql('select pg_sleep(0.02)');
    },
    close: async () => {
      await pool.end();
      await postgres.stop();
    },
  };
}

async function putCertificate(folder: string, { certificate, key }: ServerCertificate): Promise<void> {
  const { uid, gid } = await stat(folder);
  for (const [name, text] of Object.entries({ 'server.crt': certificate, 'server.key': key })) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    await chown(join(folder, name), uid, gid);
  }
}

/** No socket, but a stream like those that lead through hosts. */
async function wayTo(port: number, fault: () => Fault | undefined): Promise<Duplex> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let deaf = false;
  const stream: Duplex = new Duplex({
    read: () => void socket.resume(),
    write: (bytes: Buffer, _encoding, done) => {
      const { at, when } = fault() ?? {};
      if (at === undefined || !bytes.includes(at)) return void socket.write(bytes, done);
      if (when === 'before') socket.destroy();
      else socket.write(bytes);
      deaf = true;
      done();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (bytes) => {
    if (deaf) socket.destroy();
    else if (!stream.push(bytes)) socket.pause();
  });
  socket.on('close', () => stream.destroy());
  socket.on('error', () => stream.destroy());
  return stream;
}
