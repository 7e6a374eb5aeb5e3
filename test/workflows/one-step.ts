import type { Standing, WaveOutline } from '../../model/record.js';

/** A wave of one step on one host. @param queue - of the worker that has read it */
export function oneStep(queue?: string): WaveOutline {
  const retry = { attempts: 1, interval: 0, backoff: 1, cap: 0 };
  const step = { id: 'only', name: 'It is so', on: 'host', seconds: 0, timeout: 60, repeatable: false } as const;
  const steps = [{ ...step, retry, hosts: ['node1'] }];
  return { phase: 'Only', maxFailures: 0, steps, tasks: [], ...(queue === undefined ? {} : { queue }) };
}

/** How that step ends where all is well. */
export const done: Standing[] = [{ host: 'node1', attempt: 1, ending: 'done', milliseconds: 1, summary: '' }];
