import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { makeAuthority } from './authority.js';
import { putPrograms } from './behaviour.js';
import { compileStep, readCases, type StepKeys } from './cases.js';
import { entered, Task, type OnHost, type Values } from './harness.js';
import { tools, walls } from './preinstalled.js';

/** An effect that somebody spoils: `verify`, which had found it, must see that. */
interface Spoiled {
  readonly it: string;
  /** `target` where absent; the others have more programs. */
  readonly host?: keyof typeof hosts;
  readonly puts?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly before?: string;
  readonly step: StepKeys;
  readonly spoils: string;
  readonly clean?: string;
}

/** As in the stories, so that one image serves both. */
const hosts = { target: {}, tools: { preinstalled: tools }, walls: { preinstalled: walls } };

let lab: Lab;
let onHosts: Readonly<Record<keyof typeof hosts, OnHost>>;
let values: Values;

beforeAll(async () => {
  const description = {
    hosts,
    packages: ['redis-server', 'redis-tools', 'stunnel4', 'openssl'],
  };
  lab = await labUp({ name: 'verify-test', description });
  values = await makeAuthority();
  onHosts = {
    target: await entered(lab, 'target'),
    tools: await entered(lab, 'tools'),
    walls: await entered(lab, 'walls'),
  };
});
afterAll(async () => {
  await labDown('verify-test');
});

for (const { kind, cases } of readCases<Spoiled>('spoils'))
  describe(`What a step of the kind ${kind} has done is`, () => {
    it.each(cases)(
      'seen to be spoiled where $it',
      async ({ host = 'target', before, step, spoils, clean, ...programs }) => {
        const operation = compileStep(step);
        if (operation.on !== 'host') throw new Error('only host operations are read back by a script');
        const task = new Task(onHosts[host], `spoiled-${kind}`, operation, values);
        await task.must('rm -rf /srv/story; mkdir -p /srv/story /var/lib/belay/test');
        try {
          await putPrograms(onHosts[host], programs);
          if (before !== undefined) await task.must(before);
          expect(await task.carryOut()).toMatchObject({ ending: 'done' });
          await task.must(spoils);
          expect((await task.verify()).code).not.toBe(0);
        } finally {
          await task.must(`${clean ?? ''}\nrm -rf /srv/story /var/lib/belay/test`);
        }
      },
    );
  });
