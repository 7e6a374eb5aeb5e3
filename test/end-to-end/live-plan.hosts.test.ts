import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { livePlanAnswer, type LivePlanAnswer, type RunAnswer } from '../../model/answers.js';
import { startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

const look = 'test/cases/end-to-end/look';
const [password, former] = ['a-stored-password', 'an-older-password'];

describe('a live plan', () => {
  let lab: Lab;
  let belay: Belay;
  beforeAll(async () => {
    lab = await labUp({ name: 'looking', description: twoNodes });
    belay = await startBelay(lab);
    await belay.keepSecret('look-password', password);
    for (const node of ['node1', 'node2']) await on(node, prepare);
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown('looking');
  }, 120_000);

  const prepare = `cd /etc
printf '# one\\n# two\\n# three\\n# four\\ngreeting = good day\\n' >look.conf
printf 'same\\n' >look.same
printf '%s\\n' 'port 6379' 'requirepass ${former}' 'primary.auth ${former}' 'memory 1gb' >look.words`;
  const on = async (host: string, script: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', script])).stdout;
  const ours = /belay-runner|sshd: root@notty|uid 0: sleep 1$|^\/var\/lib\/belay\//;

  async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { 'idempotency-key': randomUUID() };
    const answer = await belay.request(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async function looked(plan: string): Promise<LivePlanAnswer> {
    const { live } = (await ask('POST', `/v1/plans/${plan}/live`)) as { live: string };
    const now = async (): Promise<LivePlanAnswer> => livePlanAnswer.parse(await ask('GET', `/v1/live-plans/${live}`));
    await expect.poll(async () => (await now()).state, { timeout: 60_000 }).toBe('done');
    return now();
  }

  const start = async (plan: string, livePlan?: string): Promise<RunAnswer> => {
    const { run } = (await ask('POST', '/v1/runs', { plan, livePlan })) as { run: string };
    return belay.until(run, ['succeeded', 'rejected', 'failed']);
  };

  it('says host by host what each step would do, masks secrets, and leaves no trace', async () => {
    await lab.mark('before');
    const { hash } = await belay.plan(look);
    const live = await looked(hash);
    const of = (step: string, host = 'node1') => live.looks.find((one) => one.step === step && one.host === host);
    expect(Object.fromEntries(live.looks.map((one) => [`${one.step}@${one.host}`, one.state]))).toMatchObject({
      'conf@node1': 'would_change',
      'same@node1': 'already_so',
      'fresh@node2': 'would_change',
      'words@node2': 'would_change',
      'off@node1': 'skipped',
      'again@node1': 'not_known',
      'said@node1': 'would_run',
      'after@node1': 'not_known',
      'made@node1': 'would_run',
      'edited@node1': 'not_known',
    });
    expect(live.looks).toHaveLength(20);
    expect(of('conf', 'node2')).toMatchObject({
      because: '/etc/look.conf has another content',
      diff: `--- /etc/look.conf
+++ /etc/look.conf
@@ -2,4 +2,5 @@
 # two
 # three
 # four
-greeting = good day
+greeting = hello
+host = node2
`,
    });
    expect(of('fresh')?.diff).toBe('--- /dev/null\n+++ /etc/look.fresh\n@@ -0,0 +1,1 @@\n+os debian\n');
    expect([of('again'), of('after'), of('edited')].map((one) => one?.before)).toEqual([['conf'], ['said'], ['made']]);
    const words = of('words')?.diff ?? '';
    expect(words).toContain('+port 6380');
    expect(words).toMatch(/^\+requirepass \*+$/m);
    expect(words).toMatch(/^\+token \*+$/m);
    for (const secret of [password, former]) expect(JSON.stringify(live)).not.toContain(secret);
    expect(live.shown).toContain('? node1: cannot be known before said ran');
    expect((await lab.diff('before')).differences.filter((one) => !ours.test(one.subject))).toEqual([]);
    expect(await on('node1', 'ls /var/lib/belay/node1/names; grep -rl live- /var/lib/belay/node1 || true')).toBe('');
  });

  it('comes to the same hash while hosts stay as they are, and to another one when what would change is otherwise', async () => {
    const { hash } = await belay.plan(look);
    const [first, second] = [await looked(hash), await looked(hash)];
    expect(second.hash).toBe(first.hash);
    await on('node2', 'echo more >>/etc/look.same');
    const third = await looked(hash);
    expect(third.hash).not.toBe(first.hash);
    await on('node2', "printf 'same\\n' >/etc/look.same");
    expect((await looked(hash)).hash).toBe(first.hash);
  });

  it('says which hosts do not answer', async () => {
    const inventory = join(belay.data, 'elsewhere.yaml');
    const { address, port } = lab.host('node2');
    const text = readFileSync(lab.inventoryFile, 'utf8');
    writeFileSync(
      inventory,
      text.replace(new RegExp(`(${address.replaceAll('.', '\\.')}[\\s\\S]*?port: )${port}`), '$19'),
    );
    const live = await looked((await belay.plan(look, {}, inventory)).hash);
    const states = (host: string) => new Set(live.looks.filter((one) => one.host === host).map((one) => one.state));
    expect(states('node2')).toEqual(new Set(['unreachable']));
    expect(states('node1')).not.toContain('unreachable');
    expect(live.looks.find((one) => one.host === 'node2')?.because).toMatch(/^host\/unreachable: /);
  });

  it('that a run demands must still be so when it begins, else nothing is done', async () => {
    const { hash } = await belay.plan(look);
    const approved = (await looked(hash)).hash ?? '';
    await expect(ask('POST', '/v1/runs', { plan: hash, livePlan: 'f'.repeat(64) })).rejects.toThrow(
      'plan/live-unknown',
    );
    await on('node2', 'echo greeting = hi >/etc/look.conf');
    const rejected = await start(hash, approved);
    expect(rejected.state).toBe('rejected');
    expect(rejected.standing['because']).toBe(
      'the live plan is not the one approved: conf on node2 would change something else; nothing was done',
    );
    expect(await on('node2', 'cat /etc/look.conf')).toBe('greeting = hi\n');
    expect((await belay.tasks(rejected.run)).every(({ attempt }) => attempt === 0)).toBe(true);
    const run = await start(hash, (await looked(hash)).hash);
    expect(run.state).toBe('succeeded');
    expect(await on('node2', 'cat /etc/look.conf')).toContain('greeting = hello\nhost = node2\nlast line\n');
    await belay.say(run.run, 'undo');
    await belay.until(run.run, ['undone']);
  });
});
