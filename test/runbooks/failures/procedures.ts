import type { Lab } from '../../../lab/lab.js';
import { grownInventory, installation, type Stage } from '../gluu-cluster-lab.js';
import { small, smallPrograms } from '../gluu-world.js';

/** A runbook whose steps are to fail, and from where. */
export interface Procedure {
  /** The name of its table. */
  readonly table: string;
  readonly runbook: string;
  readonly stage: Stage;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Another runbook that must have been carried through before, from the same stage. */
  readonly before?: Procedure;
  /** Whether the spare host is a node in the inventory. */
  readonly grown?: true;
  /** Whether a firewall lets in the machine that this runs on, as that of Belay's workers. */
  readonly trusted?: true;
  /** What gluu/verify is to be asked besides, to see it as the runbook leaves it. */
  readonly verified?: Readonly<Record<string, unknown>>;
  /** Another way through the same runbook, whose table has the steps that are in both. */
  readonly beyond?: Procedure;
}

const adding: Procedure = {
  table: 'add-node',
  runbook: 'add-node',
  stage: 'clustered',
  inputs: { ...installation, node: 'node3' },
};
const clustering: Procedure = {
  table: 'cluster',
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
};

export const procedures: readonly Procedure[] = [
  {
    table: 'rotate-signing-keys',
    runbook: 'rotate-signing-keys',
    stage: 'clustered',
    inputs: { public_name: small.public_name },
  },
  {
    table: 'remove-node',
    runbook: 'remove-node',
    stage: 'clustered',
    inputs: { public_name: small.public_name, node: 'node3' },
    before: adding,
    grown: true,
  },
  adding,
  clustering,
  {
    ...clustering,
    table: 'cluster-with-all',
    inputs: {
      ...clustering.inputs,
      clock: 'chrony',
      hosts_files: 'host-and-container',
      set_host_name: true,
      firewall: 'nftables',
      prove_outage: true,
    },
    trusted: true,
    verified: { firewall: 'nftables' },
    beyond: clustering,
  },
];

/** The inventory of a procedure, made of that of its lab. */
export const inventoryOf = (lab: Lab, { grown }: Procedure): string =>
  grown ? grownInventory(lab) : lab.inventoryFile;

/** What the table of a procedure tells of. */
export const aboutOf = ({ runbook, beyond }: Procedure): string =>
  beyond ? `gluu/${runbook} that it has only with all that may be asked for` : `gluu/${runbook}`;

/** What a procedure is asked for with the hosts of a lab. */
export const inputsOf = (lab: Lab, { inputs, trusted }: Procedure): Readonly<Record<string, unknown>> =>
  trusted ? { ...inputs, workers: [lab.host('node1').address.replace(/\d+$/, '254')] } : inputs;
