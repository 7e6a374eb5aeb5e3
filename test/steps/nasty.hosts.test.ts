import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSessions } from '../../activities/ssh/sessions.js';
import type { Session, Sessions } from '../../activities/ssh/session.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import type { HostOperation, Script } from '../../model/operation.js';
import type { Text } from '../../model/value.js';
import { request } from '../ssh/request.js';
import { everyInput, mostNasty, nastyInputs, type Input } from './leaves.js';

const canary = '/canary';
const values = nastyInputs(canary);
const parts = ['check', 'capture', 'do', 'verify', 'undo', 'restart'] as const;
/** What installs and removes packages would ask archives that are not here; it is given names and versions, which are plain words. */
const partsOf = (kind: string): readonly (typeof parts)[number][] =>
  kind === 'package' ? ['check', 'capture', 'verify'] : parts;
/**
 * Scripts and command lines are what somebody wants to be executed. What the worker does itself is sent nasty values by
 * `test/ldap/nasty.hosts.test.ts`, `test/http/nasty.test.ts` and `test/sql/nasty.test.ts`; what arrives in files is read
 * back by `nasty-effects.hosts.test.ts`.
 */
const onHosts = everyInput().filter(
  ({ kind, calm, path }) => calm.on === 'host' && !(kind === 'shell' && path[0] === 'shell'),
);
/** So many operations at most, spread over all that the kind lets pass. */
function taken(input: Input): HostOperation[] {
  const all = values.flatMap((value) => {
    const operation = input.with(value);
    return operation?.on === 'host' ? [operation] : [];
  });
  const every = Math.ceil(all.length / mostNasty);
  return all.filter((_, index) => index % every === 0);
}

describe('nasty values on a real host', () => {
  let lab: Lab;
  let sessions: Sessions;
  let session: Session;
  let number = 0;
  beforeAll(async () => {
    lab = await labUp({ name: 'nasty', description: { hosts: { node1: {} } } });
    sessions = createSessions();
    const { address, port, hostKeys } = lab.host('node1');
    const key = { privateKey: readFileSync(lab.keyFile) };
    session = await sessions.open({ host: 'node1', address, port, user: 'root', hostKeys, key }, 100);
    await lab.exec('node1', ['mkdir', '-p', '/srv/nasty']);
  });
  afterAll(async () => {
    await sessions?.close();
    await labDown('nasty');
  });

  it.each(onHosts.map((input) => [`${input.kind}: ${input.path.join('.')}`, input] as const))(
    'are refused or stay data when they are carried out as %s',
    async (_, input) => {
      const operations = taken(input);
      for (let from = 0; from < operations.length; from += 8)
        await Promise.all(
          operations.slice(from, from + 8).map(async (operation) => carryOut(operation, partsOf(input.kind))),
        );
      expect(existsSync(join(lab.host('node1').root, canary))).toBe(false);
    },
  );

  it('would be found if they were executed', async () => {
    await session.run(request('eval "$1"', { task: 'nasty.planted', arguments: [`touch ${canary}`] }));
    expect(existsSync(join(lab.host('node1').root, canary))).toBe(true);
  });

  /** Every part in turn, whatever the one before has come to: none may run what it was given. */
  async function carryOut(operation: HostOperation, chosen: readonly (typeof parts)[number][]): Promise<void> {
    const task = `nasty.t${String(++number)}`;
    for (const part of chosen) {
      const script = operation[part];
      if (!script) continue;
      // A restart is owed by another task.
      const as = part === 'restart' ? ({ task: `${task}-restart`, part: 'do' } as const) : { task, part };
      const end = await session.run(request(script.text, { ...as, seconds: 5, ...filled(script) }));
      expect(['exited', 'refused', 'timed-out']).toContain(end.how);
    }
  }
});

function filled({ arguments: words = [], environment = {}, stdin = '' }: Script): object {
  return {
    arguments: words.map(textOf),
    environment: Object.fromEntries(Object.entries(environment).map(([name, text]) => [name, textOf(text)])),
    stdin:
      typeof stdin === 'object' && 'base64' in stdin ? Buffer.from(stdin.base64, 'base64') : Buffer.from(textOf(stdin)),
  };
}

function textOf(text: Text): string {
  return typeof text === 'string' ? text : text.template.filter((piece) => typeof piece === 'string').join('');
}
