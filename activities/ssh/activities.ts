import type { Standing } from '../../model/record.js';
import type { StepNeeds, StepRequest } from './needs.js';
import { runHostStep } from './run-step.js';

/** What workflows may ask of hosts. */
export interface HostActivities {
  /** One step on the hosts of a wave; one small standing a host. */
  runHostStep(request: StepRequest): Promise<Standing[]>;
}

/** Binds the activities to what they need. */
export function createHostActivities(needs: StepNeeds): HostActivities {
  return { runHostStep: async (request) => runHostStep(needs, request) };
}
