import type { Standing, UndoResult } from '../../model/record.js';
import { lookAtHost, type LookNeeds, type LookRequest } from './look-ahead.js';
import type { StepRequest } from './needs.js';
import { quietHosts, type QuietNeeds } from './quiet-hosts.js';
import { runHostStep } from './run-step.js';
import { runHostSteps, type StepsEnded, type StepsRequest } from './run-steps.js';
import { payRestarts } from './pay-restarts.js';
import { undoHostStep, type RestartRequest, type UndoNeeds, type UndoRequest } from './undo-step.js';

/** What workflows may ask of hosts. */
export interface HostActivities {
  /** One step on the hosts of a wave; one small standing a host. */
  runHostStep(request: StepRequest): Promise<Standing[]>;
  /** Steps one behind the other on the hosts of a wave, for as long as all goes well and nobody says a word. */
  runHostSteps(request: StepsRequest): Promise<StepsEnded>;
  /** One step back on the hosts of a barrier; one small result a host. */
  undoHostStep(request: UndoRequest): Promise<UndoResult[]>;
  /** Restarts what depends on files that are back; gives the hosts that owed one. */
  payRestarts(request: RestartRequest): Promise<UndoResult[]>;
  /** What a plan would do on one host; nothing is done. */
  lookAtHost(request: LookRequest): Promise<number>;
  /** Ends what a run that is over still has running. */
  quietHosts(run: string): Promise<void>;
}

/** Binds the activities to what they need. */
export function createHostActivities(needs: UndoNeeds & QuietNeeds & LookNeeds): HostActivities {
  return {
    runHostStep: async (request) => runHostStep(needs, request),
    runHostSteps: async (request) => runHostSteps(needs, request),
    undoHostStep: async (request) => undoHostStep(needs, request),
    payRestarts: async (request) => payRestarts(needs, request),
    lookAtHost: async (request) => lookAtHost(needs, request),
    quietHosts: async (run) => quietHosts(needs, run),
  };
}
