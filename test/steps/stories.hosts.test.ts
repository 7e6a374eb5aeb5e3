import { afterAll, beforeAll, describe, it } from 'vitest';
import { makeAuthority } from './authority.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { chanceOf, whole } from '../chaos/chance.js';
import { tell, type Story } from './behaviour.js';
import { readCases } from './cases.js';
import type { Values } from './harness.js';
import { tools, walls } from './preinstalled.js';

const description = {
  hosts: {
    ...{ target: { preinstalled: ['busybox'] }, peer: { preinstalled: ['busybox'] } },
    ...{ tools: { preinstalled: tools }, walls: { preinstalled: walls } },
  },
  packages: ['redis-server', 'redis-tools', 'stunnel4', 'openssl'],
};
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
const stories = readCases<Story>('stories');
const chance = chanceOf('stories in other shells');
/** In a shell beside the host's own: all that are not slow, or of each kind a third of these. */
const sample = (cases: readonly Story[]): readonly Story[] => {
  const quick = cases.filter((one) => one.slow !== true);
  return whole ? quick : chance.shuffled(quick).slice(0, Math.ceil(quick.length / 3));
};
const shells = [
  { called: 'the host’s own shell', words: undefined, lab: 'kinds-test', told: stories },
  ...[
    { called: 'bash', words: ['bash', '--posix'] },
    { called: 'ash', words: ['busybox', 'sh'] },
  ].map(({ called, words }) => ({
    ...{ called, words, lab: `kinds-test-${called}` },
    told: stories
      .filter(({ kind }) => portable.includes(kind))
      .map(({ kind, cases }) => ({ kind, cases: sample(cases) })),
  })),
];

/** Each shell has hosts of its own, so that they are at work beside one another; on a host one story follows another. */
describe.each(shells)('In $called', { concurrent: true }, ({ lab: name, words, told }) => {
  let lab: Lab;
  let values: Values;

  beforeAll(async () => {
    lab = await labUp({ name, description });
    values = await makeAuthority();
  });
  afterAll(async () => labDown(name));

  for (const { kind, cases } of told)
    for (const story of cases) {
      const title = `${kind} step ${story.it}`;
      it(`a ${title}`, { concurrent: false }, async () => tell(lab, story.host ?? 'target', story, values, words));
    }
});
