import { Client, Connection } from '@temporalio/client';
import type { HistoryFacts } from './facts.js';

const acting = ['runHostStep', 'runLdapStep', 'recordStep'];

/** What the histories of all workflows say of attempts, in the server's own words. */
export async function readHistories(address: string): Promise<HistoryFacts[]> {
  const connection = await Connection.connect({ address });
  try {
    const { workflow } = new Client({ connection });
    const found: HistoryFacts[] = [];
    for await (const { workflowId, runId, status } of workflow.list()) {
      const run = /^(?:run|undo):([^:]+)/.exec(workflowId)?.[1];
      if (run === undefined) continue;
      const { events } = await workflow.getHandle(workflowId, runId).fetchHistory();
      found.push({ workflow: workflowId, run, status: status.name, endings: endingsIn(events ?? []) });
    }
    return found;
  } finally {
    await connection.close();
  }
}

interface Event {
  readonly eventId?: unknown;
  readonly activityTaskScheduledEventAttributes?: { activityType?: { name?: unknown } | null; input?: Payloads } | null;
  readonly activityTaskCompletedEventAttributes?: { scheduledEventId?: unknown; result?: Payloads } | null;
}
type Payloads = { readonly payloads?: readonly { readonly data?: unknown }[] | null } | null;

/** Each activity that came back from hosts: which step it was asked for, and what it said of every host. */
function endingsIn(events: readonly unknown[]): HistoryFacts['endings'] {
  const asked = new Map<string, string>();
  return (events as readonly Event[]).flatMap((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    const name = String(scheduled?.activityType?.name ?? '');
    if (scheduled && acting.includes(name)) asked.set(String(event.eventId), stepOf(name, scheduled.input));
    const completed = event.activityTaskCompletedEventAttributes;
    const step = asked.get(String(completed?.scheduledEventId));
    if (!completed || step === undefined) return [];
    const standings = values(completed.result)[0] as { host: string; attempt: number; ending: string }[];
    return standings.map(({ host, attempt, ending }) => ({ step, host, attempt, ending }));
  });
}

function stepOf(name: string, input: Payloads | undefined): string {
  const given = values(input);
  return name === 'recordStep' ? (given[1] as string) : (given[0] as { step: string }).step;
}

function values(payloads: Payloads | undefined): unknown[] {
  return (payloads?.payloads ?? []).map(
    ({ data }) => JSON.parse(Buffer.from(data as Uint8Array).toString('utf8')) as unknown,
  );
}
