import { z } from 'zod';
import type { SqlExpectation, SqlStatement, SqlValue } from '../operation.js';
import { isLoopback, isTransactionControl } from '../sql-rules.js';
import { duration, path, port, text } from './arguments.js';
import { stepKind, Unusable } from './kind.js';

/** As Postgres prints it; it takes truth values in this form, too. */
const value = () =>
  z
    .union([z.null(), z.boolean().transform((one) => (one ? 't' : 'f')), text({ secret: true })])
    .meta({ title: 'text or null' }) as unknown as z.ZodType<SqlValue>;

const constant = 'must be constant text; values go into "parameters", as $1, $2 and so on';

const sqlText = () =>
  z
    .string(constant)
    .min(1)
    .max(100_000)
    .refine((one) => !one.includes('${{'), constant)
    .refine((one) => !one.includes('\0'), 'a NUL character cannot be sent to a database')
    .refine(
      (one) => !isTransactionControl(one),
      'the transaction is opened and ended by Belay; take this statement out',
    )
    .meta({ constant: true });

const parameters = () =>
  z.array(value()).max(1000).default([]).describe('Values for $1, $2 and so on; secrets may go here');

const count = z.union([
  z
    .int()
    .min(0)
    .transform((one) => ({ min: one, max: one })),
  z.strictObject({ min: z.int().min(0), max: z.int().min(0).optional() }),
]);

const statement = z.strictObject({
  run: sqlText().describe('One statement'),
  parameters: parameters(),
  expect: z
    .strictObject({
      affected: count.optional().describe('Rows that it changes, or gives: a number, or { min, max }'),
      rows: z
        .array(z.array(value()).min(1))
        .max(1000)
        .optional()
        .describe('All rows that it gives, in order, with values as Postgres prints them (true is t)'),
    })
    .default({})
    .describe('What it must come to; anything else rolls all back'),
});

const schema = z.strictObject({
  server: z
    .union([z.strictObject({ address: text(), port: port().default('5432') }), z.strictObject({ socket: path() })])
    .default({ address: 'localhost', port: '5432' })
    .describe('Where the host sees the database: address and port, or a unix socket as a file'),
  tls: z
    .union([
      z.literal('none'),
      z.strictObject({
        authority: text({ secret: true }).describe('PEM of the only authority whose certificates are taken'),
        name: text().optional().describe("The name in the server's certificate; its address where absent"),
      }),
    ])
    .describe('none for what does not leave the host; else the certificate is verified in full'),
  database: text(),
  login: z.strictObject({ user: text(), password: text({ secret: true }).optional() }),
  check: z
    .strictObject({ query: sqlText(), parameters: parameters() })
    .optional()
    .describe('A question that gives one row with one true value where it is so; asked before and before COMMIT'),
  statements: z.array(statement).min(1).max(1000),
  undo: z.array(statement).min(1).max(1000).optional().describe('What takes it back, in one transaction of its own'),
  statement_timeout: duration().default(30).describe('For each statement; 30 s where absent'),
  lock_timeout: duration().default(10).describe('For each lock; 10 s where absent'),
});

export const sql = stepKind<z.infer<typeof schema>>({
  kind: 'sql',
  on: 'sql',
  about:
    'Runs statements in one transaction of a PostgreSQL server (13 or newer), reached through the host, and commits only what came out as expected.',
  schema,
  undo: 'author',
  undoOf: (written) => ((written as { undo?: unknown }).undo === undefined ? 'author' : 'restore'),
  repeatable: false,
  compile({ server, tls, database, login, check, statements, undo, statement_timeout, lock_timeout }) {
    if (tls === 'none' && 'address' in server && typeof server.address === 'string' && !isLoopback(server.address))
      throw new Unusable(['tls'], `${server.address} is not the host itself; give the authority of its certificate`);
    if (tls !== 'none' && 'socket' in server) throw new Unusable(['tls'], 'a unix socket speaks no TLS; use "none"');
    for (const [name, seconds] of Object.entries({ statement_timeout, lock_timeout }))
      if (seconds < 1 || seconds > 86_400) throw new Unusable([name], 'must be from one second to a day');
    return {
      on: 'sql',
      server,
      tls: tls === 'none' ? tls : { authority: tls.authority, ...(tls.name !== undefined && { name: tls.name }) },
      database,
      login: { user: login.user, ...(login.password !== undefined && { password: login.password }) },
      ...(check && { check: { text: check.query, parameters: check.parameters, expect: isTrue } }),
      statements: statements.map(statementOf),
      ...(undo && { undo: undo.map(statementOf) }),
      limits: { statement: statement_timeout, lock: lock_timeout },
    };
  },
});

const isTrue: SqlExpectation = { rows: [['t']] };

function statementOf({ run, parameters: given, expect }: z.infer<typeof statement>): SqlStatement {
  const { affected, rows } = expect;
  return {
    text: run,
    parameters: given,
    expect: { ...(affected && { affected: rangeOf(affected) }), ...(rows && { rows }) },
  };
}

function rangeOf({ min, max }: { min: number; max?: number | undefined }): NonNullable<SqlExpectation['affected']> {
  return { min, ...(max !== undefined && { max }) };
}
