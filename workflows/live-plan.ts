import type { LiveOutline } from '../model/record.js';
import type { Ending } from './ending.js';
import type { LivePlanArgument } from './messages.js';
import { databases, directories, hosts, records, secrets, webServers } from './reach.js';

/** Hosts looked at at the same time. */
const together = 20;

/** What a plan would do on its hosts now: checks alone, nothing is claimed. Returns the live plan's hash. */
export async function livePlan({ live }: LivePlanArgument): Promise<string> {
  await lookAround(await records.openLivePlan(live));
  return records.closeLivePlan(live);
}

/** Makes the live plan of a run anew; ends the run where it is not the one that was approved. */
export async function stillAsApproved(run: string): Promise<Ending | 'as-approved'> {
  const outline = await records.openRunLivePlan(run);
  await lookAround(outline);
  const otherwise = await records.judgeLivePlan(run, outline.live);
  if (otherwise === '') return 'as-approved';
  return { end: 'rejected', because: `the live plan is not the one approved: ${otherwise}; nothing was done` };
}

async function lookAround(outline: LiveOutline): Promise<void> {
  const { live, planHash, hosts: names } = outline;
  for (let from = 0; from < names.length; from += together) {
    const looks = names
      .slice(from, from + together)
      .map(async (host) =>
        hosts.lookAtHost.executeWithOptions({ summary: `looks at ${host}` }, [{ live, planHash, host }]),
      );
    await Promise.all(looks);
  }
  const about: [{ live: string; planHash: string }] = [{ live, planHash }];
  if (outline.directories)
    await directories.lookAtDirectories.executeWithOptions({ summary: 'looks at directories' }, about);
  if (outline.webServers)
    await webServers.lookAtWebServers.executeWithOptions({ summary: 'looks at web servers' }, about);
  if (outline.secrets) await secrets.lookAtSecrets.executeWithOptions({ summary: 'looks at stored secrets' }, about);
  if (outline.databases) await databases.lookAtDatabases.executeWithOptions({ summary: 'looks at databases' }, about);
}
