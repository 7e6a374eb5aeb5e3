import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { labDown, labUp } from '../../lab/lab.js';
import { startBelay } from '../end-to-end/belay.js';
import { appPassword, furnishDataHost, withDataHost } from '../end-to-end/data-host.js';
import { addRecording, impersonal } from './folder.js';
import { stories, type Place } from './stories.js';

/**
 * Records the histories of every workflow on real hosts, as a new folder beside this program's source:
 * `npm run build && node build/test/histories/record.js [STORY…]`, as root. Earlier recordings stay as they are;
 * commit the new folder with `digests.txt`. Record after a change of workflow code, so that this version replays too.
 */
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in stories));
if (unknown.length > 0)
  throw new Error(`no story is called ${unknown.join(', ')}; there are: ${Object.keys(stories).join(', ')}`);

const lab = await labUp({ name: 'histories', description: withDataHost });
await furnishDataHost(lab);
const belay = await startBelay(lab);
await belay.keepSecret('app-password', appPassword);
const connection = await Connection.connect({ address: belay.stack.temporalAddress });
try {
  const histories = await recordAll({ lab, belay, temporal: new Client({ connection }) });
  process.stdout.write(`${histories.size} histories recorded in test/histories/${addRecording(histories)}\n`);
} finally {
  await connection.close();
  await belay.stop();
  await labDown('histories');
}

async function recordAll(place: Place): Promise<Map<string, string>> {
  const histories = new Map<string, string>();
  for (const [name, story] of Object.entries(stories)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const part = await story(place);
    for (const [index, one] of (await executions(place.temporal, part)).entries()) {
      const history = await place.temporal.workflow.getHandle(one.workflowId, one.runId).fetchHistory();
      histories.set(`${name}.${index + 1}-${one.type}.json`, impersonal(historyToJSON(history)));
    }
    process.stdout.write(`${name}\n`);
  }
  return histories;
}

/** All closed workflows whose ids contain `part`, oldest first, once Temporal's list of them has settled. */
async function executions(temporal: Client, part: string): Promise<WorkflowExecutionInfo[]> {
  for (let before = -1; ; await sleep(1000)) {
    const found: WorkflowExecutionInfo[] = [];
    for await (const one of temporal.workflow.list()) if (one.workflowId.includes(part)) found.push(one);
    const closed = found.every((one) => one.status.name !== 'RUNNING');
    if (closed && found.length > 0 && found.length === before) return found.sort((a, b) => +a.startTime - +b.startTime);
    before = found.length;
  }
}
