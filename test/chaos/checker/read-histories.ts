import { Client, Connection } from '@temporalio/client';
import type { HistoryFacts } from './facts.js';

const acting = ['runHostStep', 'runHostSteps', 'runLdapStep', 'recordStep'];

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
  const asked = new Map<string, { readonly name: string; readonly step: string }>();
  return (events as readonly Event[]).flatMap((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    const name = String(scheduled?.activityType?.name ?? '');
    if (scheduled && acting.includes(name))
      asked.set(String(event.eventId), { name, step: stepOf(name, scheduled.input) });
    const completed = event.activityTaskCompletedEventAttributes;
    const of = asked.get(String(completed?.scheduledEventId));
    return completed && of ? endingsOf(of.name, of.step, values(completed.result)[0]) : [];
  });
}

interface Standing {
  readonly host: string;
  readonly attempt: number;
  readonly ending: string;
}

/** An activity for several steps says which of them it came through, and how each came out, the last one apart. */
function endingsOf(name: string, step: string, result: unknown): HistoryFacts['endings'] {
  if (name !== 'runHostSteps') return endingsAt(step, result as Standing[]);
  const { steps, ended, before } = result as { steps: string[]; ended: Standing[]; before: Standing[][] };
  return steps.flatMap((one, index) => endingsAt(one, before[index] ?? ended));
}

function endingsAt(step: string, standings: readonly Standing[]): HistoryFacts['endings'] {
  return standings.map(({ host, attempt, ending }) => ({ step, host, attempt, ending }));
}

function stepOf(name: string, input: Payloads | undefined): string {
  const given = values(input);
  if (name === 'recordStep') return given[1] as string;
  return name === 'runHostSteps' ? '' : (given[0] as { step: string }).step;
}

function values(payloads: Payloads | undefined): unknown[] {
  return (payloads?.payloads ?? []).map(
    ({ data }) => JSON.parse(Buffer.from(data as Uint8Array).toString('utf8')) as unknown,
  );
}
