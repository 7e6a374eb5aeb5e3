import type { HostChecked, HostCleaned, HostKeyLine, HostKeysSeen, HostReply } from '../../model/answers.js';
import { Failed } from '../../model/failure.js';
import type {
  HostCheckArgument,
  HostCleanArgument,
  HostKeyArgument,
  HostScanArgument,
} from '../../model/host-requests.js';
import { lookingJournal, lookingLease } from '../../model/looking.js';
import { authorizedLine } from './install-key.js';
import type { Destination, Session, Sessions } from './session.js';

/** What people may ask of a host outside any run. */
export interface HostInquiries {
  scanHost(argument: HostScanArgument): Promise<HostReply<HostKeysSeen>>;
  checkHost(argument: HostCheckArgument): Promise<HostReply<HostChecked>>;
  cleanHost(argument: HostCleanArgument): Promise<HostReply<HostCleaned>>;
  keyOfHost(argument: HostKeyArgument): Promise<HostReply<HostKeyLine>>;
}

export interface InquiryNeeds {
  readonly sessions: Sessions;
  /** The keys that a host shows, without logging in. */
  scan(argument: HostScanArgument): Promise<HostKeysSeen>;
  destination(argument: HostCheckArgument): Promise<Destination>;
  /** Puts a line into authorized_keys with a sealed password, and logs in with the key. */
  installKey(destination: Destination, line: string, sealedPassword: string): Promise<void>;
  /** A holder number with which to ask this machine, `address:port`; it takes the machine from no run. */
  askingHolder(machine: string): Promise<number>;
  /** Tasks whose runs are archived and that the host has not forgotten; archives what is due on the way. */
  archivedTasks(on: AskedMachine): Promise<readonly Remnant[]>;
  markForgotten(host: string, remnants: readonly Remnant[]): Promise<void>;
}

/** A machine, `address:port`, and its name in the inventory, by which its journal goes. */
export interface AskedMachine {
  readonly machine: string;
  readonly host: string;
}

/** A task that its host still remembers. */
export interface Remnant {
  readonly run: string;
  readonly step: string;
  /** Its names in the journal, its own first. */
  readonly names: readonly string[];
}

/** Binds the inquiries to what they need; a host's failure is an answer. */
export function createHostInquiries(needs: InquiryNeeds): HostInquiries {
  return {
    scanHost: async (argument) => reply(async () => needs.scan(argument)),
    checkHost: async (argument) => reply(async () => ({ ...(await open(needs, argument)).facts })),
    keyOfHost: async (argument) => reply(async () => keyOfHost(needs, argument)),
    cleanHost: async (argument) =>
      reply(async () => {
        const looking = { journal: lookingJournal(argument.host), machine: lookingLease(machineOf(argument)) };
        const gone = await cleanJournal(needs, argument);
        return { forgotten: [...gone, ...(await cleanJournal(needs, argument, looking))] };
      }),
  };
}

/** A journal of a host beside its first one, and the lease by which it is held. */
type Beside = { readonly journal: string; readonly machine: string };

async function open(needs: InquiryNeeds, argument: HostCheckArgument, beside?: Beside): Promise<Session> {
  const destination = await needs.destination(argument);
  return needs.sessions.open(
    beside ? { ...destination, journal: beside.journal } : destination,
    await needs.askingHolder(beside?.machine ?? machineOf(argument)),
  );
}

/** @param beside - another journal than the host's first; it is opened only where something is to go from it */
async function cleanJournal(needs: InquiryNeeds, argument: HostCleanArgument, beside?: Beside): Promise<string[]> {
  const machine = beside?.machine ?? machineOf(argument);
  const remnants = await needs.archivedTasks({ machine, host: argument.host });
  if (beside && remnants.length === 0) return [];
  const session = await open(needs, argument, beside);
  await session.forget(remnants.flatMap(({ names }) => names));
  await needs.markForgotten(argument.host, remnants);
  return remnants.map(({ run, step }) => `${run}.${step}`);
}

async function keyOfHost(needs: InquiryNeeds, argument: HostKeyArgument): Promise<HostKeyLine> {
  const destination = await needs.destination(argument);
  const { key } = destination;
  if (!('privateKey' in key) || !('secret' in argument.key)) throw inAgent(argument);
  const line = authorizedLine(destination, key, argument.key.secret);
  const { sealedPassword } = argument;
  if (sealedPassword !== undefined) await needs.installKey(destination, line, sealedPassword);
  return { line, installed: sealedPassword !== undefined };
}

function inAgent({ host }: HostKeyArgument): Failed {
  return new Failed({
    kind: 'secret/missing',
    tried: `reading the key of ${host}`,
    known: 'the host logs in by the SSH agent, whose keys Belay does not keep; nothing was sent',
    next: '`ssh-add -L` on the worker lists them; or give the host `key: { secret: NAME }`',
  });
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
