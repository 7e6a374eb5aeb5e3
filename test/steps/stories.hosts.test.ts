import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAuthority } from './authority.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { tell, type Story } from './behaviour.js';
import { readCases } from './cases.js';
import type { Values } from './harness.js';

const packages = ['redis-server', 'redis-tools', 'stunnel4', 'openssl'];
const shells = { bash: ['bash', '--posix'], ash: ['busybox', 'sh'] };

let lab: Lab;
let values: Values;

beforeAll(async () => {
  const description = {
    hosts: { target: { preinstalled: ['busybox'] }, peer: { preinstalled: ['busybox'] } },
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
    for (const story of cases) it(story.it, async () => tell(lab, 'target', story, values));
  });

/** Kinds whose scripts need nothing but files are told again in the other shells that a host may have. */
for (const [name, shell] of Object.entries(shells))
  describe(`In ${name}`, () => {
    for (const { kind, cases } of readCases<Story>('stories').filter((one) =>
      ['file', 'directory', 'edit'].includes(one.kind),
    ))
      for (const story of cases)
        it(`a ${kind} step ${story.it}`, async () => tell(lab, 'target', story, values, shell));
  });
