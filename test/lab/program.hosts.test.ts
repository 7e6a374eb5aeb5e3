import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { labDown, labUp } from '../../lab/lab.js';
import { run, type Executed } from '../../lab/program.js';

const name = 'program-test';
const typescript = ['--import', join(import.meta.dirname, '../ssh/typescript.mjs'), 'lab/main.ts'];
const lab = (...words: string[]): Promise<Executed> => run([process.execPath, ...typescript, '--name', name, ...words]);

afterAll(async () => {
  await labDown(name);
});

describe('The program of the lab', () => {
  it('says in one line what to do where it has no root', async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const { code, stderr } = await run([...nobody, process.execPath, ...typescript, 'status']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^lab: .*only root may: run it with sudo.*\n$/);
  });

  it('says in one line that there is no such lab, and how to make it', async () => {
    expect(await lab('status')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`belay lab up --name ${name}`) as string,
    });
    expect(await lab('down')).toEqual({ code: 0, stdout: `there is no lab ${name}\n`, stderr: '' });
  });

  it('shows the lab, compares it with a mark, and cuts the power of a host', async () => {
    await labUp({ name, description: 'lab/descriptions/pair.yaml', say: () => undefined });
    expect((await lab('status')).stdout).toMatch(/node1 +[\d.]+ +on +node1\.lab\.test\n/);
    expect((await lab('mark', 'before')).code).toBe(0);
    expect((await lab('diff', 'before')).code).toBe(0);
    expect((await lab('diff', 'before', '--strict-patterns')).stdout).toContain(
      'allowed, but does not occur: file changed: /etc/passwd',
    );
    expect((await lab('power-cut', 'node1')).code).toBe(0);
    expect(await lab('diff', 'before')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('node1: port removed: tcp 0.0.0.0:22') as string,
    });
    expect((await lab('shell', 'node1')).stderr).toContain('belay lab power-on node1 --name program-test');
    expect((await lab('power-on', 'node1')).code).toBe(0);
    expect((await lab('power-on', 'nobody')).stderr).toBe(
      'lab: the lab program-test has no host "nobody": it has node1, node2\n',
    );
    expect((await lab('down')).stdout).toBe(`lab ${name} is gone\n`);
  });
});
