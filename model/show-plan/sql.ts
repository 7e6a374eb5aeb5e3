import type { SqlOperation, SqlStatement, SqlValue } from '../operation.js';
import { word } from './data.js';
import { indent, quoted } from './layout.js';

type Row = readonly [name: string, lines: readonly string[]];

/** What a step asks of a database, in which order, and what must come of it. */
export function sqlRows({ server, tls, database, login, check, statements, undo, limits }: SqlOperation): Row[] {
  const where = 'socket' in server ? word(server.socket) : `${word(server.address)} port ${word(server.port)}`;
  const secret = login.password === undefined ? 'without a password' : `with ${word(login.password)}`;
  return [
    ['server', [`${where}, as the host sees it; database ${word(database)}, as ${word(login.user)} ${secret}`]],
    ['tls', [tls === 'none' ? 'none: it does not leave the host' : `only ${word(tls.authority)}${named(tls.name)}`]],
    ...(check ? [['check', statementLines(check)] as const] : []),
    ['do', ['in one transaction:', ...statements.flatMap(statementLines)]],
    ...(undo ? [['undo', ['in one transaction:', ...undo.flatMap(statementLines)]] as const] : []),
    ['waits', [`${limits.statement} s for each statement, ${limits.lock} s for each lock`]],
  ];
}

function named(name: NonNullable<Exclude<SqlOperation['tls'], 'none'>>['name']): string {
  return name === undefined ? '' : `, for ${word(name)}`;
}

function statementLines({ text, parameters, expect }: SqlStatement): string[] {
  const { affected, rows } = expect;
  return [
    ...quoted(text),
    ...indent([
      ...(parameters.length > 0 ? [`parameters ${parameters.map(shown).join(' ')}`] : []),
      ...(affected ? [`expect ${range(affected)} affected`] : []),
      ...(rows ? [`expect the rows ${rows.map((row) => `(${row.map(shown).join(', ')})`).join(' ') || 'none'}`] : []),
    ]),
  ];
}

function shown(value: SqlValue): string {
  return value === null ? 'NULL' : word(value);
}

function range({ min, max }: { readonly min: number; readonly max?: number }): string {
  if (max === min) return `${min}`;
  return max === undefined ? `${min} or more` : `${min} to ${max}`;
}
