import { join } from 'node:path';
import type { ChildRequest } from './child.js';
import { runToEnd } from './run-program.js';

/** How long Temporal keeps closed workflows; runs stay undoable for as long. */
export const retention = '30d';

/**
 * A worker that is frozen, or whose machine is, keeps its questions for work open, and each piece of work that is given to
 * it is lost until its time-out: for a minute, by the server's defaults. Who does not answer a ping is no longer asked
 * after six seconds, which is before a heartbeat is missed.
 */
const silentWorkers = ['frontend.keepAliveTime="3s"', 'frontend.keepAliveTimeout="3s"'];

/**
 * How the embedded Temporal server is run: one file database with a write-ahead log, and a poll rate that suits its
 * single shard (its default of 20 a second makes each activity wait 90 ms instead of 13).
 */
export function temporalRequest(program: string, data: string, ports: { temporal: number; web: number }): ChildRequest {
  const address = `127.0.0.1:${String(ports.temporal)}`;
  return {
    name: 'temporal',
    command: program,
    arguments: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.temporal)],
      ...['--ui-ip', '127.0.0.1', '--ui-port', String(ports.web)],
      ...['--db-filename', join(data, 'temporal.db')],
      ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
      ...silentWorkers.flatMap((setting) => ['--dynamic-config-value', setting]),
      ...['--log-level', 'warn', '--log-format', 'json'],
    ],
    environment: process.env,
    folder: data,
    log: join(data, 'log', 'temporal.log'),
    speaks: false,
    ports: [ports.temporal, ports.web],
    stopSignal: 'SIGTERM',
    grace: 15,
    ready: () => keepLonger(program, address),
    patience: 60,
  };
}

/** The development server has no setting for it: each start sets it anew, and is ready once that is accepted. */
async function keepLonger(program: string, address: string): Promise<boolean> {
  const words = [
    'operator',
    'namespace',
    'update',
    '--namespace',
    'default',
    '--retention',
    retention,
    '--address',
    address,
  ];
  const end = await runToEnd(program, [...words, '--command-timeout', '5s'], { seconds: 10 });
  return end.code === 0;
}
