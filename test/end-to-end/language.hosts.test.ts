import { describe, expect, it } from 'vitest';
import { setStage } from './stage.js';

describe('the language of runbooks, on a real host', () => {
  const stage = setStage('language', { about: 'One plain host', hosts: { one: {} }, groups: { targets: ['one'] } });

  const on = async (script: string): Promise<string> => (await stage.lab.exec('one', ['sh', '-c', script])).stdout;

  it('repeats a fragment over a list, reads what it prints, and gives it back', async () => {
    const accounts = [
      { name: 'ada', keys: ['ssh-ed25519 AAAA ada', 'ssh-rsa AAAA old'], groups: ['staff'] },
      { name: 'bob', keys: ['ssh-ed25519 AAAA bob'] },
    ];
    const run = await stage.belay.start((await stage.belay.plan('runbooks/accounts', { accounts })).hash);
    await stage.belay.until(run, ['succeeded']);
    expect(await on('cat ~ada/.ssh/authorized_keys; stat -c "%U %a" ~ada/.ssh; id -nG ada')).toBe(
      'ssh-ed25519 AAAA ada\nssh-rsa AAAA old\nada 700\nada staff\n',
    );
    const [ada, bob] = (await on('id -u ada; id -u bob')).trim().split('\n');
    const summary = (await stage.belay.tasks(run)).find(({ step }) => step === 'summary');
    expect(summary?.summary).toBe(`On one: ${ada}, ${bob}`);
    await stage.belay.say(run, 'undo');
    await stage.belay.until(run, ['undo_incomplete']);
    expect(await on('ls -A ~ada | grep -c ssh; id -nG ada')).toBe('0\nada\n');
  });

  it('gives a failed task the advice that knows its error', async () => {
    const accounts = [{ name: 'eve', keys: ['ssh-ed25519 AAAA eve'], groups: ['nobody-knows'] }];
    const run = await stage.belay.start((await stage.belay.plan('runbooks/accounts', { accounts })).hash);
    await stage.belay.until(run, ['waiting']);
    const failed = (await stage.belay.tasks(run)).find(({ step }) => step === 'account.eve.joined.0');
    expect(failed).toMatchObject({
      state: 'failed',
      failure: { kind: 'step/exit', hints: [expect.stringContaining('Make the group on the host first')] },
    });
    await stage.belay.say(run, 'cancel');
    await stage.belay.until(run, ['cancelled']);
  });

  it('looks before anybody leaps', async () => {
    const fits = await stage.belay.start(
      (await stage.belay.plan('runbooks/preflight', { memory: '1MiB', room: [{ mount: '/', free: '1KiB' }] })).hash,
    );
    await stage.belay.until(fits, ['succeeded']);
    const wants = await stage.belay.plan('runbooks/preflight', { room: [{ mount: '/', free: '900TiB' }] });
    const run = await stage.belay.start(wants.hash);
    await stage.belay.until(run, ['succeeded', 'failed']);
    const disks = (await stage.belay.tasks(run)).find(({ step }) => step === 'disks');
    expect(disks).toMatchObject({ state: 'failed', failure: { kind: 'step/assert-failed' } });
  });
});
