import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { downloadTemporal } from '../../apps/cli/up/temporal-download.js';
import { findTemporal, prepareTemporal } from '../../apps/cli/up/temporal-server.js';
import { temporaryFolder } from './folder.js';

/** A program that says of itself what the Temporal CLI says of its server. */
function temporalCli(file: string, server: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "temporal version 1.5.1 (Server ${server}, UI 2.42.1)"\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Three places, of which a test fills those it needs; `sh` stays on the PATH. */
function places() {
  const folder = temporaryFolder();
  const [named, onPath, cached] = [
    join(folder, 'named'),
    join(folder, 'bin/temporal'),
    join(folder, 'cache/belay/bin/temporal'),
  ];
  const variables = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'cache') };
  return { named, onPath, cached, variables };
}

it('is the one that TEMPORAL_CLI_PATH names, before all others', async () => {
  const { named, onPath, cached, variables } = places();
  for (const file of [named, onPath, cached]) temporalCli(file, '1.29.1');
  expect(await findTemporal({ ...variables, TEMPORAL_CLI_PATH: named })).toBe(named);
  expect(await findTemporal(variables)).toBe(onPath);
});

it('is passed over on the PATH where it is too old', async () => {
  const { onPath, cached, variables } = places();
  temporalCli(onPath, '1.28.9');
  expect(await findTemporal(variables)).toBeUndefined();
  temporalCli(cached, '2.0.0');
  expect(await findTemporal(variables)).toBe(cached);
});

it.each(['1.28.1', 'none'])('is refused by name where TEMPORAL_CLI_PATH names one of server %s', async (server) => {
  const { named, variables } = places();
  temporalCli(named, server);
  await expect(findTemporal({ ...variables, TEMPORAL_CLI_PATH: named })).rejects.toThrow(
    `TEMPORAL_CLI_PATH names ${named}, which is no Temporal CLI with a server of 1.29 or newer; correct it, or unset it`,
  );
});

it('is asked for in one line where it cannot be had', async () => {
  const { variables } = places();
  const path = process.env['PATH'];
  onTestFinished(() => void (process.env['PATH'] = path));
  process.env['PATH'] = '/nonexistent';
  await expect(prepareTemporal(variables, () => undefined)).rejects.toThrow(
    /^there is no Temporal server, and Belay carries every run out on one; install Go/,
  );
});

/** Serves bytes as the official release would; returns the table with its address. */
async function serve(bytes: Uint8Array, sha256: string) {
  const server = createServer((_, answer) => answer.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return {
    [`${process.platform}-${process.arch}`]: { url: `http://127.0.0.1:${String(port)}/temporal.tar.gz`, sha256 },
  };
}

function archive(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'belay-archive-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'temporal'), 'the program');
  execFileSync('tar', ['-czf', join(folder, 'x.tar.gz'), '-C', folder, 'temporal']);
  return readFileSync(join(folder, 'x.tar.gz'));
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

it('is unpacked from a release whose checksum is the pinned one', async () => {
  const bytes = archive();
  const target = join(temporaryFolder(), 'bin', 'temporal');
  expect(await downloadTemporal(target, () => undefined, await serve(bytes, sha256(bytes)))).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe('the program');
});

it('is not taken from a release with another checksum', async () => {
  const target = join(temporaryFolder(), 'bin', 'temporal');
  const archives = await serve(archive(), sha256(Buffer.from('another')));
  await expect(downloadTemporal(target, () => undefined, archives)).rejects.toThrow(/not the pinned .*; do not use it/);
  expect(existsSync(target)).toBe(false);
});

it('is looked for elsewhere where the release is not listed or cannot be reached', async () => {
  const target = join(temporaryFolder(), 'bin', 'temporal');
  expect(await downloadTemporal(target, () => undefined, {})).toBe(false);
  const unreachable = { url: 'http://127.0.0.1:1/temporal.tar.gz', sha256: '' };
  const said: string[] = [];
  expect(
    await downloadTemporal(target, (line) => said.push(line), { [`${process.platform}-${process.arch}`]: unreachable }),
  ).toBe(false);
  expect(said.at(-1)).toBe('http://127.0.0.1:1/temporal.tar.gz cannot be reached');
});
