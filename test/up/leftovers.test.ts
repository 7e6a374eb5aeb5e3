import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ChildrenRecord, endLeftovers } from '../../apps/cli/up/leftovers.js';
import { identify, runs, type ProcessIdentity } from '../../apps/cli/up/process-identity.js';
import { temporaryFolder } from './folder.js';

function start(script: string): ProcessIdentity {
  const child = spawn('sh', ['-c', script], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('the process is not there');
  return identity;
}

const silent = () => undefined;

it('ends what a killed supervisor left, users before servers, and says so', async () => {
  const data = temporaryFolder();
  const record = new ChildrenRecord(data, silent);
  const [postgres, worker] = [start('exec sleep 300'), start('exec sleep 300')];
  record.note('postgres', postgres);
  record.note('worker', worker);
  writeFileSync(join(data, 'up.json'), '{}');
  const said: string[] = [];
  await endLeftovers(data, (line) => said.push(line));
  expect(runs(postgres) || runs(worker)).toBe(false);
  expect(said.map((line) => line.split(' ')[1])).toEqual(['worker', 'postgres']);
  expect(existsSync(join(data, 'up.json')) || existsSync(join(data, 'children.json'))).toBe(false);
});

it('leaves a stranger alone that has got the number of one of them', async () => {
  const data = temporaryFolder();
  const stranger = start('exec sleep 300');
  new ChildrenRecord(data, silent).note('worker', { ...stranger, startTime: '1' });
  await endLeftovers(data, silent);
  new ChildrenRecord(data, silent).note('worker', { ...stranger, bootId: 'another boot' });
  await endLeftovers(data, silent);
  expect(runs(stranger)).toBe(true);
});

it.each(['', '{', '[1]', '{"worker": {"pid": -1}}'])('takes a damaged record for none: %s', async (text) => {
  const data = temporaryFolder();
  writeFileSync(join(data, 'children.json'), text);
  await endLeftovers(data, silent);
  expect(existsSync(join(data, 'children.json'))).toBe(false);
});

it('records who runs, and nothing once nobody does', () => {
  const data = temporaryFolder();
  const record = new ChildrenRecord(data, silent);
  const identity = { pid: 7, startTime: '1', bootId: 'b' };
  record.note('api', identity);
  expect(JSON.parse(readFileSync(join(data, 'children.json'), 'utf8'))).toEqual({ api: identity });
  record.note('api', undefined);
  expect(existsSync(join(data, 'children.json'))).toBe(false);
});

it('outlives a disk on which nothing can be written, says so, and writes again once it can', () => {
  const data = temporaryFolder();
  const said: string[] = [];
  const record = new ChildrenRecord(data, (line) => said.push(line));
  const worker = start('exec sleep 300');
  // Stands for a full disk: the new file cannot be written.
  mkdirSync(join(data, 'children.json.new'));
  record.note('worker', worker);
  expect(said).toEqual([expect.stringContaining('the next one will not know worker')]);
  rmdirSync(join(data, 'children.json.new'));
  record.note('api', undefined);
  expect(JSON.parse(readFileSync(join(data, 'children.json'), 'utf8'))).toEqual({ worker });
});
