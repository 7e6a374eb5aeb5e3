import { expect, it } from 'vitest';
import { createHostInquiries, type InquiryNeeds, type Remnant } from '../../activities/ssh/inquiries.js';
import type { Destination, Session } from '../../activities/ssh/session.js';
import type { HostCleanArgument } from '../../model/host-requests.js';

const argument: HostCleanArgument = {
  host: 'node1',
  address: '192.0.2.1',
  port: 22,
  user: 'root',
  hostKeys: [],
  key: { agent: true },
};

/** Remnants by the machine that they are asked of. @returns what went from which journal, under which machine's holder */
async function cleaned(remnants: Readonly<Record<string, readonly Remnant[]>>): Promise<unknown[]> {
  const gone: unknown[] = [];
  const marked: string[] = [];
  const machines: string[] = [];
  const needs: Partial<InquiryNeeds> = {
    destination: async () => Promise.resolve({ host: 'node1' } as Destination),
    askingHolder: async (machine) => Promise.resolve(machines.push(machine)),
    archivedTasks: async ({ machine }) => Promise.resolve(remnants[machine] ?? []),
    markForgotten: async (_, forgotten) => Promise.resolve(void marked.push(...forgotten.map(({ run }) => run))),
    sessions: {
      open: async ({ journal = 'its first' }) =>
        Promise.resolve({
          forget: async (names) => Promise.resolve(void gone.push([journal, machines.at(-1), ...names])),
        } as Partial<Session> as Session),
      close: async () => Promise.resolve(),
    },
  };
  const answer = await createHostInquiries(needs as InquiryNeeds).cleanHost(argument);
  expect(answer).toEqual({ ok: { forgotten: marked.map((run) => `${run}.a`) } });
  return gone;
}

const remnant = (run: string): Remnant => ({ run, step: 'a', names: [`${run}.a`] });

it('clears away what runs that only looked have left in their own journal, and the holder of those that act stays', async () => {
  const gone = await cleaned({ '192.0.2.1:22': [remnant('acted')], '192.0.2.1:22 (looking)': [remnant('looked')] });
  expect(gone).toEqual([
    ['its first', '192.0.2.1:22', 'acted.a'],
    ['_looking.node1', '192.0.2.1:22 (looking)', 'looked.a'],
  ]);
});

it('opens no second journal where nothing is to go from it, and always the first, which shows that the host is there', async () => {
  expect(await cleaned({})).toEqual([['its first', '192.0.2.1:22']]);
});
