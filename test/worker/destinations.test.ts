import { expect, it } from 'vitest';
import { connect } from '../../activities/ssh/connect.js';
import { destinationOf, type Logins } from '../../apps/worker/wiring/destinations.js';
import { Failed } from '../../model/failure.js';
import { phase, plan, step } from '../database/example.js';

const byAgent = plan([phase('Only', [['node1']], [step('work', ['node1'])])]);
const hosts = Object.fromEntries(
  Object.entries(byAgent.hosts).map(([name, host]) => [name, { ...host, key: { agent: true as const } }]),
);
const noAgent = { settings: {} } as unknown as Logins;

it('is told why nobody can log in when it connects, so that hosts beside it go on', async () => {
  const destination = await destinationOf(noAgent, { ...byAgent, hosts }, 'node1');
  const refused = await connect(destination).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Failed);
  expect((refused as Failed).failure).toMatchObject({
    kind: 'secret/missing',
    known: expect.stringContaining('SSH_AUTH_SOCK is not set'),
  });
});
