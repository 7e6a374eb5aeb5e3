import type { Result, Standing } from '../../model/record.js';
import { changeEntry } from './change-entry.js';
import type { LdapBegun, LdapNeeds, LdapStepRequest, LdapStepWork } from './needs.js';

/**
 * One LDAP step for the hosts of a wave. They go one after another: hosts of one cluster change the same entry, and
 * must not get into each other's way. Each result is written as soon as it is there.
 */
export async function runLdapStep(needs: LdapNeeds, request: LdapStepRequest): Promise<Standing[]> {
  const life = needs.alive();
  try {
    const work = await needs.readStep(request);
    const begun = await needs.beginAttempts(request.run, request.step, request.hosts);
    const standings: Standing[] = [];
    for (const one of begun) {
      const result = one.result ?? (await life.unlessDetached(attemptOn(needs, request, work, one, life.cancelled)));
      if (!one.result) await needs.writeResults([result]);
      standings.push(standingOf(result));
    }
    return standings;
  } finally {
    life.end();
  }
}

async function attemptOn(
  needs: LdapNeeds,
  request: LdapStepRequest,
  work: LdapStepWork,
  begun: LdapBegun,
  cancelled: AbortSignal,
): Promise<Result> {
  const { host, attempt, holder } = begun;
  const ours = work.hosts.get(host);
  if (!ours) throw new Error(`step ${request.step} has no operation for host ${host}`);
  const name = { run: request.run, step: request.step, host };
  const started = Date.now();
  const { ending, summary, failure, preImage, postImage } = await changeEntry(needs, {
    name,
    attempt,
    holder,
    step: work.name,
    work: ours,
    cancelled,
  });
  return {
    ...name,
    attempt,
    ending,
    milliseconds: Date.now() - started,
    summary: atMost512Bytes(summary),
    registered: {},
    ...(failure === undefined ? {} : { failure }),
    ...(preImage === undefined ? {} : { preImage }),
    ...(postImage === undefined ? {} : { postImage }),
  };
}

/** Cut between characters, not within one. */
function atMost512Bytes(text: string): string {
  return Buffer.from(text, 'utf8').subarray(0, 512).toString('utf8').replace(/�+$/, '');
}

function standingOf({ host, attempt, ending, milliseconds, summary }: Result): Standing {
  return { host, attempt, ending, milliseconds, summary };
}
