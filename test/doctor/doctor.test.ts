import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { examine } from '../../apps/cli/doctor/doctor.js';
import { data, labNeeds } from '../../apps/cli/doctor/machine.js';
import { ports, postgres, temporal } from '../../apps/cli/doctor/servers.js';
import { usualPorts } from '../../apps/cli/up/ports.js';
import { needs } from '../../lab/machine.js';
import { temporaryFolder } from '../up/folder.js';

it('looks at everything, and every fault comes with its remedy', async () => {
  const findings = await examine({
    PATH: '/nonexistent',
    BELAY_DATA: temporaryFolder(),
    XDG_CACHE_HOME: temporaryFolder(),
  });
  expect(findings.map(({ about }) => about)).toContain('disk');
  for (const finding of findings) if (finding.state !== 'ok') expect(finding.remedy, finding.about).toBeTruthy();
});

it('asks for what the lab asks for', () => {
  expect(labNeeds).toEqual(Object.fromEntries(needs));
});

it('finds a token that others can read', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'api-token');
  writeFileSync(file, 'x');
  chmodSync(file, 0o644);
  expect(data({ BELAY_DATA: folder })).toMatchObject({ state: 'wrong', remedy: `chmod 600 ${file}` });
  chmodSync(file, 0o600);
  expect(data({ BELAY_DATA: folder })).toMatchObject({ state: 'ok' });
});

it('finds servers that were named and do not answer', async () => {
  const nowhere = { BELAY_TEMPORAL_ADDRESS: '127.0.0.1:1', BELAY_DATABASE_URL: 'postgresql://b:p@127.0.0.1:1/b' };
  expect(await temporal(nowhere)).toMatchObject({ state: 'wrong', found: 'nothing answers at 127.0.0.1:1' });
  expect(await postgres(nowhere)).toMatchObject({ state: 'wrong', found: 'nothing answers at 127.0.0.1:1' });
});

it('names a bad TEMPORAL_CLI_PATH', async () => {
  expect(await temporal({ TEMPORAL_CLI_PATH: '/nonexistent' })).toMatchObject({
    state: 'wrong',
    remedy: 'correct TEMPORAL_CLI_PATH',
  });
});

it('tells of taken ports without calling them a fault', async () => {
  const server = createServer();
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(usualPorts.web, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const folder = temporaryFolder();
  const finding = await ports({ BELAY_DATA: folder });
  expect(finding.state).toBe('advice');
  expect(finding.found).toContain(`${String(usualPorts.web)} (web)`);
});

it('knows a Belay that is up from one that was killed', async () => {
  const folder = temporaryFolder();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = `http://127.0.0.1:${String((server.address() as { port: number }).port)}`;
  writeFileSync(join(folder, 'up.json'), JSON.stringify({ api }));
  expect(await ports({ BELAY_DATA: folder })).toMatchObject({ state: 'ok', found: `Belay is up: ${api}` });
  await new Promise((resolve) => server.close(resolve));
  expect((await ports({ BELAY_DATA: folder })).found).not.toContain('is up');
});
