import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSqlLooks } from '../../activities/sql/look-at-databases.js';
import { looksAt } from '../steps/away-looks.js';
import { login, startSqlServer, type SqlServer } from './server.js';

let server: SqlServer;
beforeAll(async () => void (server = await startSqlServer()));
afterAll(async () => server.close());

/** Statements that would add a row, with a check. */
function add(query?: string): Record<string, unknown> {
  const check = query === undefined ? {} : { check: { query } };
  return {
    sql: {
      server: { address: '127.0.0.1', port: server.port },
      tls: 'none',
      database: server.database,
      login: { user: login.user, password: '${{ secret.login }}' },
      statements: [{ run: "insert into things values ('new', 1)" }],
      undo: [{ run: "delete from things where name = 'new'" }],
      ...check,
    },
  };
}

test('a live plan asks the checks of statements where nothing can be changed, and runs no statement', async () => {
  await server.sql("insert into things values ('there', 1)");
  const steps = {
    there: add("select count(*) = 1 from things where name = 'there'"),
    new: add("select count(*) = 1 from things where name = 'new'"),
    bare: add(),
    // A function that writes, in what should only ask.
    sly: add('with gone as (delete from things returning 1) select count(*) > 0 from gone'),
  };
  const { needs, looks } = looksAt(steps, { login: login.password });
  const plannedWay = async (): ReturnType<SqlServer['way']> => server.way();
  const looking = createSqlLooks({ ...needs, plannedWay, limits: { connect: 5000, grace: 5000, outcome: 500 } });
  expect(await looking.lookAtDatabases({ live: 'live-1', planHash: 'h' })).toBe(4);
  expect(looks.map(({ step, state }) => [step, state])).toEqual([
    ['there', 'already_so'],
    ['new', 'would_change'],
    ['bare', 'would_run'],
    ['sly', 'refused'],
  ]);
  expect(looks[1]?.because).toBe(`1 statement in ${server.database}; now the check does not hold`);
  // read_only_sql_transaction
  expect(looks[3]?.because).toContain('25006');
  expect(await server.sql('select name from things')).toEqual([['there']]);
  expect(JSON.stringify(looks)).not.toContain(login.password);
});
