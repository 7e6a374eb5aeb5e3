// cspell:ignore AAAAC AAAAIABC
import { condition, setHandler } from '@temporalio/workflow';
import { verbUpdate, wakeSignal, type RunbookArgument, type UndoArgument } from '../../workflows/messages.js';

/** Stands in for the real ones where only the API's side is shown: takes nudges and remembers them, until `stop`. */
async function nudged(): Promise<string[]> {
  const verbs: string[] = [];
  setHandler(verbUpdate, (verb) => void verbs.push(verb));
  setHandler(wakeSignal, () => void verbs.push('woken'));
  await condition(() => verbs.includes('stop'));
  return verbs;
}

export async function runbook(_: RunbookArgument): Promise<string[]> {
  return nudged();
}

export async function undo(_: UndoArgument): Promise<string[]> {
  return nudged();
}

export async function quiet(argument: RunbookArgument): Promise<string> {
  return argument.run;
}

export async function hostScan({ host }: { host: string }): Promise<unknown> {
  if (host === 'silent') await condition(() => false);
  if (host === 'broken') {
    return {
      failure: {
        kind: 'host/unreachable',
        tried: 'connect to broken',
        known: 'nothing was started',
        next: 'see whether it is up',
      },
    };
  }
  return { ok: { keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIABC'], fingerprints: ['SHA256:abc'] } };
}
