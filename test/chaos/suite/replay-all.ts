import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

// node replay-all.js ADDRESS BUNDLE: replays every history of a Temporal server with a bundle of workflow code, and
// prints how many there were. A program of its own: the SDK leaves a hook on promises in the process that has replayed,
// which fails on some promises of other libraries.
const [, , address = '', codePath = ''] = process.argv;
Runtime.install({ logger: new DefaultLogger('WARN') });
const { workflow } = new Client({ connection: await Connection.connect({ address }) });
let count = 0;
for await (const { error, workflowId } of Worker.runReplayHistories(
  { workflowBundle: { codePath } },
  workflow.list().intoHistories(),
)) {
  if (error) throw new Error(`${workflowId} cannot be replayed: ${error.message}`);
  count += 1;
}
process.stdout.write(`${String(count)}\n`, () => process.exit());
