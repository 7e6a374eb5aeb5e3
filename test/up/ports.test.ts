import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { takePorts } from '../../apps/cli/up/ports.js';
import { temporaryFolder } from './folder.js';
import { freePort } from './free-port.js';

/** Listens on a port of the system's choice until the test ends. */
async function occupy(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

const silent = () => undefined;

it('gives the same ports again at the next start', async () => {
  const data = temporaryFolder();
  writeFileSync(join(data, 'ports.json'), JSON.stringify({ api: await freePort(), web: await freePort() }));
  const first = await takePorts(data, silent);
  expect(await takePorts(data, silent)).toEqual(first);
});

it('takes another port for one that is taken, and says which', async () => {
  const data = temporaryFolder();
  const taken = await occupy();
  writeFileSync(join(data, 'ports.json'), JSON.stringify({ temporal: taken }));
  const said: string[] = [];
  const { temporal } = await takePorts(data, (line) => said.push(line));
  expect(temporal).not.toBe(taken);
  expect(said).toContain(`port ${String(taken)} is taken; temporal gets ${String(temporal)}`);
});

it('never gives one port twice', async () => {
  const data = temporaryFolder();
  const same = await freePort();
  writeFileSync(join(data, 'ports.json'), JSON.stringify({ api: same, web: same, temporal: same, postgres: same }));
  expect(new Set(Object.values(await takePorts(data, silent))).size).toBe(4);
});

it.each(['', '{', '{"api": "x"}', '[]', '{"api": 70000}'])(
  'finds ports anew where the file is damaged: %s',
  async (text) => {
    const data = temporaryFolder();
    writeFileSync(join(data, 'ports.json'), text);
    const { api } = await takePorts(data, silent);
    expect(api).toBeGreaterThan(0);
    expect(api).toBeLessThan(65_536);
  },
);
