import type { SqlExpectation, SqlOperation, SqlStatement, SqlValue } from '../../model/operation.js';
import { isLoopback } from '../../model/sql-rules.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import type { Text } from '../../model/value.js';
import { failed, type Trying } from './failures.js';
import type { SqlPlace } from './needs.js';

/** A statement with every hole filled. It may hold secrets: never print it. */
export interface ReadyStatement {
  readonly text: string;
  readonly parameters: readonly (string | null)[];
  readonly affected?: NonNullable<SqlExpectation['affected']>;
  readonly rows?: readonly (readonly (string | null)[])[];
}

/** A database and who asks it. */
export interface ReadyServer {
  readonly place: SqlPlace;
  readonly tls?: { readonly authority: string; readonly name: string };
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  /** Seconds. */
  readonly limits: SqlOperation['limits'];
}

export interface ReadyOperation {
  readonly server: ReadyServer;
  readonly check?: ReadyStatement;
  readonly statements: readonly ReadyStatement[];
  readonly undo?: readonly ReadyStatement[];
}

/**
 * Fills the holes of an operation; refused where it would then mean something other than it says.
 *
 * @throws Failed `step/value-unusable`
 */
export function readyOperation(operation: SqlOperation, values: AwayValues, trying: Trying): ReadyOperation {
  const fill = (text: Text): string => values.fill(text).value;
  const { check, statements, undo } = operation;
  return {
    server: readyServer(operation, fill, trying),
    statements: statements.map((one) => readyStatement(one, fill)),
    ...(check && { check: readyStatement(check, fill) }),
    ...(undo && { undo: undo.map((one) => readyStatement(one, fill)) }),
  };
}

function readyServer(operation: SqlOperation, fill: (text: Text) => string, trying: Trying): ReadyServer {
  const { server, tls, database, login, limits } = operation;
  const place = placeOf(server, fill, trying);
  const safe = tls === 'none' ? undefined : { authority: fill(tls.authority), name: fill(tls.name ?? nameOf(place)) };
  if (safe && !/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(safe.authority))
    throw unusable(trying, 'its authority is no certificate in PEM');
  if (!safe && 'address' in place && !isLoopback(place.address))
    throw unusable(trying, `${place.address} is not the host itself, and "tls" is none`);
  return {
    place,
    database: fill(database),
    user: fill(login.user),
    limits,
    ...(login.password !== undefined && { password: fill(login.password) }),
    ...(safe && { tls: safe }),
  };
}

function placeOf(server: SqlOperation['server'], fill: (text: Text) => string, trying: Trying): SqlPlace {
  if ('socket' in server) return { socket: fill(server.socket) };
  const [address, port] = [fill(server.address), fill(server.port)];
  if (!/^[A-Za-z0-9._:-]+$/.test(address)) throw unusable(trying, 'its address is no name and no IP address');
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) throw unusable(trying, 'its port is none');
  return { address, port: Number(port) };
}

function nameOf(place: SqlPlace): string {
  return 'address' in place ? place.address : '';
}

function readyStatement({ text, parameters, expect }: SqlStatement, fill: (text: Text) => string): ReadyStatement {
  const value = (one: SqlValue): string | null => (one === null ? null : fill(one));
  const { affected, rows } = expect;
  return {
    text,
    parameters: parameters.map(value),
    ...(affected && { affected }),
    ...(rows && { rows: rows.map((row) => row.map(value)) }),
  };
}

function unusable(trying: Trying, known: string): Error {
  return failed('step/value-unusable', trying, known, 'correct the runbook or its inputs, and plan again');
}
