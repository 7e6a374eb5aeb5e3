import type { HostChecked, HostCleaned, HostKeysSeen, HostReply } from '../../model/answers.js';
import { Failed } from '../../model/failure.js';
import type { HostCheckArgument, HostCleanArgument, HostScanArgument } from '../../model/host-requests.js';
import type { Destination, Session, Sessions } from './session.js';

/** What people may ask of a host outside any run. */
export interface HostInquiries {
  scanHost(argument: HostScanArgument): Promise<HostReply<HostKeysSeen>>;
  checkHost(argument: HostCheckArgument): Promise<HostReply<HostChecked>>;
  cleanHost(argument: HostCleanArgument): Promise<HostReply<HostCleaned>>;
}

export interface InquiryNeeds {
  readonly sessions: Sessions;
  /** The keys that a host shows, without logging in. */
  scan(address: string, port: number): Promise<HostKeysSeen>;
  destination(argument: HostCheckArgument): Promise<Destination>;
  /** A fresh holder number for the machine at this address. */
  takeHolder(machine: string): Promise<number>;
  /** Names on the host of tasks whose runs are archived; archives what is due on the way. */
  archivedTasks(machine: string): Promise<readonly string[]>;
}

/** Binds the inquiries to what they need; a host's failure is an answer. */
export function createHostInquiries(needs: InquiryNeeds): HostInquiries {
  const open = async (argument: HostCheckArgument): Promise<Session> =>
    needs.sessions.open(await needs.destination(argument), await needs.takeHolder(machineOf(argument)));
  return {
    scanHost: async ({ address, port }) => reply(async () => needs.scan(address, port)),
    checkHost: async (argument) => reply(async () => ({ ...(await open(argument)).facts })),
    cleanHost: async (argument) =>
      reply(async () => {
        const forgotten = await needs.archivedTasks(machineOf(argument));
        await (await open(argument)).forget(forgotten);
        return { forgotten };
      }),
  };
}

function machineOf({ address, port }: HostScanArgument): string {
  return `${address}:${port}`;
}

async function reply<T>(ask: () => Promise<T>): Promise<HostReply<T>> {
  try {
    return { ok: await ask() };
  } catch (error) {
    if (error instanceof Failed) return { failure: error.failure };
    throw error;
  }
}
