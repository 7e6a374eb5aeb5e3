import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAuthority } from './authority.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { tell, type Story } from './behaviour.js';
import { readCases } from './cases.js';
import type { Values } from './harness.js';
import { tools, walls } from './preinstalled.js';

const packages = ['redis-server', 'redis-tools', 'stunnel4', 'openssl'];
const shells = { bash: ['bash', '--posix'], ash: ['busybox', 'sh'] };
/** Kinds whose stories are told in every shell that a host may have. */
const portable = [
  'file',
  'directory',
  'edit',
  'hosts_file',
  'user',
  'cron',
  'timer',
  'keystore',
  'backup',
  'firewall',
  'transfer',
];

let lab: Lab;
let values: Values;

beforeAll(async () => {
  const description = {
    hosts: {
      ...{ target: { preinstalled: ['busybox'] }, peer: { preinstalled: ['busybox'] } },
      ...{ tools: { preinstalled: tools }, walls: { preinstalled: walls } },
    },
    packages,
  };
  lab = await labUp({ name: 'kinds-test', description });
  values = await makeAuthority();
});

afterAll(async () => {
  await labDown('kinds-test');
});

for (const { kind, cases } of readCases<Story>('stories'))
  describe(`A ${kind} step`, () => {
    for (const story of cases) it(story.it, async () => tell(lab, story.host ?? 'target', story, values));
  });

for (const [name, shell] of Object.entries(shells))
  describe(`In ${name}`, () => {
    for (const { kind, cases } of readCases<Story>('stories').filter((one) => portable.includes(one.kind)))
      for (const story of cases.filter((one) => one.slow !== true))
        it(`a ${kind} step ${story.it}`, async () => tell(lab, story.host ?? 'target', story, values, shell));
  });
