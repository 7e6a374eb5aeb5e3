import { proxyActivities } from '@temporalio/workflow';
import type { HostInquiries } from '../activities/ssh/inquiries.js';
import type { HostChecked, HostCleaned, HostKeyLine, HostKeysSeen, HostReply } from '../model/answers.js';
import type {
  HostCheckArgument,
  HostCleanArgument,
  HostKeyArgument,
  HostScanArgument,
} from '../model/host-requests.js';
import type { RunbookArgument } from './messages.js';
import { hosts, records } from './reach.js';

/** One try: whoever asked is waiting, and can ask again. */
const inquiries = proxyActivities<HostInquiries>({ startToCloseTimeout: '40s', retry: { maximumAttempts: 1 } });

/** Which keys does the host at this address show? */
export async function hostScan(argument: HostScanArgument): Promise<HostReply<HostKeysSeen>> {
  return inquiries.scanHost(argument);
}

/** Can a runner be opened there, with the pinned keys? */
export async function hostCheck(argument: HostCheckArgument): Promise<HostReply<HostChecked>> {
  return inquiries.checkHost(argument);
}

/** What archived runs left on the host goes. */
export async function hostClean(argument: HostCleanArgument): Promise<HostReply<HostCleaned>> {
  return inquiries.cleanHost(argument);
}

/** The line for authorized_keys of the key that is stored; where a password came along, it is put there. */
export async function hostKey(argument: HostKeyArgument): Promise<HostReply<HostKeyLine>> {
  return inquiries.keyOfHost(argument);
}

/** Makes the hosts of a run that has ended quiet, then gives up its leases. */
export async function quiet({ run }: RunbookArgument): Promise<void> {
  await hosts.quietHosts.executeWithOptions(
    { summary: `hosts of ${run} become quiet`, startToCloseTimeout: '30 minutes' },
    [run],
  );
  await records.releaseLeases(run);
}
