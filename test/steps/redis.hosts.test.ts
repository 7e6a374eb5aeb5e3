import { afterAll, beforeAll, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { compileStep, type StepKeys } from './cases.js';
import { entered, Task, type OnHost } from './harness.js';

let lab: Lab;
let onHost: OnHost;

beforeAll(async () => {
  lab = await labUp({
    name: 'kinds-redis',
    description: { hosts: { cache: {} }, packages: ['redis-server', 'redis-tools', 'stunnel4', 'openssl'] },
  });
  onHost = await entered(lab, 'cache');
});

afterAll(async () => {
  await labDown('kinds-redis');
});

const stunnel =
  'pid = /run/stunnel-redis.pid\n[redis]\naccept = 16379\nconnect = 127.0.0.1:6379\ncert = /etc/stunnel/redis.pem\n';

/** The cache chapter, a step after another. */
const steps: { readonly step: StepKeys; readonly owed?: boolean }[] = [
  { step: { package: { name: ['redis-server', 'stunnel4'] } } },
  {
    step: {
      edit: {
        file: '/etc/redis/redis.conf',
        format: 'words',
        set: { bind: '127.0.0.1 ::1', requirepass: '${{ secret.password }}' },
      },
    },
  },
  { step: { service: { name: 'redis-server', running: true, enabled: true, restart_after: ['conf'] } }, owed: true },
  { step: { port: { host: '127.0.0.1', port: 6379, expect: 'open' } } },
  {
    step: {
      command: ['sh', '-c', '[ "$(redis-cli PING)" = PONG ]'],
      environment: { REDISCLI_AUTH: '${{ secret.password }}' },
    },
  },
  {
    step: {
      shell:
        'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k -out c -subj /CN=c 2>/dev/null\n' +
        'cat k c >/etc/stunnel/redis.pem; rm k c',
    },
  },
  { step: { file: { path: '/etc/stunnel/redis.conf', content: stunnel } } },
  {
    step: { service: { name: 'stunnel4', running: true, process: '/usr/bin/stunnel4', restart_after: ['conf'] } },
    owed: true,
  },
  { step: { port: { host: 'cache.lab.test', port: 16379, expect: 'open' } } },
  { step: { port: { host: 'cache.lab.test', port: 6379, expect: 'closed' } } },
];

const notes = [
  /^\/var\/(cache|lib)\/apt(\/.*)?$/,
  /^\/var\/log\/(apt(\/.*)?|dpkg\.log|alternatives\.log)$/,
  /^\/var\/lib\/dpkg(\/[a-z]+-old|\/available)?$/,
  /^uid 0: sshd: /,
  /^\/var\/lib\/belay(\/.*)?$/,
];

it('Redis and stunnel are installed, configured, started, proved, and all of it goes back', async () => {
  await lab.mark('before');
  const values = { 'secret.password': 'correct-horse-battery-staple' };
  const done: Task[] = [];
  for (const [index, { step, owed = false }] of steps.entries()) {
    const operation = compileStep(step);
    if (operation.on !== 'host') throw new Error('only host operations');
    const task = new Task(onHost, `redis.s${index}`, operation, values);
    const outcome = await task.carryOut({ owed });
    expect(outcome.ending, `${JSON.stringify(step)}: ${outcome.said}`).toBe('done');
    if (operation.undo) done.push(task);
  }
  await onHost(['rm', '/etc/stunnel/redis.pem']);
  for (const task of done.reverse()) expect(await task.undo()).toBe('undone');
  const { differences } = await lab.diff('before');
  const left = differences.filter(({ subject }) => !notes.some((note) => note.test(subject)));
  expect(left.map(({ change, subject, detail }) => `${change} ${subject} ${detail}`)).toEqual([]);
});
