import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepToStore } from '../../apps/cli/up/temporal-on-postgres.js';
import { prepareServer } from '../../apps/cli/up/temporal-server-build.js';

describe('Temporal’s state', () => {
  let data: string;
  beforeEach(() => void (data = mkdtempSync(join(tmpdir(), 'belay-store-'))));
  afterEach(() => rmSync(data, { recursive: true }));

  it('may be kept anywhere while there is none yet', () => {
    keepToStore(data, 'file');
    keepToStore(data, 'postgres');
  });

  it('stays in the file where runs began with one', () => {
    writeFileSync(join(data, 'temporal.db'), '');
    keepToStore(data, 'file');
    expect(() => keepToStore(data, 'postgres')).toThrow('known to a Temporal server that keeps its state in a file');
  });

  it('stays in Postgres where runs began there', () => {
    mkdirSync(join(data, 'temporal'));
    keepToStore(data, 'postgres');
    expect(() => keepToStore(data, 'file')).toThrow('known to a Temporal server that keeps its state in Postgres');
  });
});

describe('Temporal’s server for Postgres', () => {
  const silent = (): void => undefined;

  it('and its schema tool are those that the operator names', async () => {
    const named = { TEMPORAL_SERVER_PATH: '/opt/server', TEMPORAL_SQL_TOOL_PATH: '/opt/sql' };
    expect(await prepareServer(named, silent)).toEqual({ server: '/opt/server', sqlTool: '/opt/sql' });
  });

  it.each(['TEMPORAL_SERVER_PATH', 'TEMPORAL_SQL_TOOL_PATH'])('is refused where %s alone is named', async (name) => {
    await expect(prepareServer({ [name]: '/opt/it' }, silent)).rejects.toThrow('must be of one release');
  });
});
