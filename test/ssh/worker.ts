import { createInterface } from 'node:readline';
import type { Destination, Session } from '../../activities/ssh/session.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { Failed } from '../../model/failure.js';
import { request } from './request.js';

/**
 * A controlling process of its own, to be killed or frozen. It reads orders on stdin, one JSON a line, and prints
 * what came of each: `open`, `out <base64>`, `end <json>`, `failed <kind>`.
 */
interface Setting {
  readonly destination: Omit<Destination, 'key'>;
  readonly privateKey: string;
  readonly state: string;
  readonly shell: readonly string[];
  readonly holder: number;
}
type Order =
  | { readonly order: 'open' }
  | { readonly order: 'run'; readonly text: string; readonly task: string; readonly attempt: number };

const setting = JSON.parse(process.argv[2] ?? '') as Setting;
const sessions = createSessions({ stateDirectory: setting.state, shell: setting.shell });
const key = { privateKey: Buffer.from(setting.privateKey, 'base64') };
let session: Session;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function obey(order: Order): Promise<void> {
  if (order.order === 'open') {
    session = await sessions.open({ ...setting.destination, key }, setting.holder);
    say('open');
    return;
  }
  const end = await session.run(
    request(order.text, { task: order.task, attempt: order.attempt, holder: setting.holder }),
    async ({ bytes }) => say(`out ${Buffer.from(bytes).toString('base64')}`),
  );
  say(`end ${JSON.stringify(end)}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await obey(JSON.parse(line) as Order);
  } catch (error) {
    say(`failed ${error instanceof Failed ? error.failure.kind : String(error)}`);
  }
}
