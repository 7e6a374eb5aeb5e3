import type { Lab } from '../../../lab/lab.js';
import { grownInventory, installation, type Stage } from '../gluu-cluster-lab.js';
import { small, smallPrograms } from '../gluu-world.js';

/** A runbook whose steps are to fail, and from where. */
export interface Procedure {
  readonly runbook: string;
  readonly stage: Stage;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Another runbook that must have been carried through before, from the same stage. */
  readonly before?: Procedure;
  /** Whether the spare host is a node in the inventory. */
  readonly grown?: true;
}

const adding: Procedure = { runbook: 'add-node', stage: 'clustered', inputs: { ...installation, node: 'node3' } };

export const procedures: readonly Procedure[] = [
  { runbook: 'rotate-signing-keys', stage: 'clustered', inputs: { public_name: small.public_name } },
  {
    runbook: 'remove-node',
    stage: 'clustered',
    inputs: { public_name: small.public_name, node: 'node3' },
    before: adding,
    grown: true,
  },
  adding,
  {
    runbook: 'cluster',
    stage: 'bare',
    inputs: {
      ...smallPrograms,
      memory: small.memory,
      disk: small.disk,
      on_balancer: true,
      clock: 'compare',
      prove_outage: false,
    },
  },
];

/** The inventory of a procedure, made of that of its lab. */
export const inventoryOf = (lab: Lab, { grown }: Procedure): string =>
  grown ? grownInventory(lab) : lab.inventoryFile;
