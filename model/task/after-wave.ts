import type { PlannedPhase } from '../plan.js';

/** How a wave came back, as far as it decides what the run does next. */
export interface WaveEnd {
  /** Through; more hosts failed than may; asked to stop; or its workflow was lost, more than once. */
  readonly standing: 'done' | 'failed' | 'held' | 'lost';
  /** Whether nobody knows what became of one of its tasks. */
  readonly unknown: boolean;
  /** Whether somebody has asked for a pause meanwhile. */
  readonly pausing: boolean;
}

/** Goes on to the next wave, goes back, ends, waits for a person to decide, or stands paused. */
export type AfterWave = 'next' | 'undo' | 'stop' | 'ask' | 'pause';

/**
 * What a run does once a wave is back. What `max_failures` allows and `on_failure` says is for hosts that have failed:
 * nobody knows whether one with an unknown outcome has, so that while there is one, a person is asked, whatever they say.
 */
export function afterWave({ standing, unknown, pausing }: WaveEnd, onFailure: PlannedPhase['onFailure']): AfterWave {
  if (standing === 'failed') return unknown || onFailure === 'pause' ? 'ask' : onFailure;
  if (standing !== 'done' || pausing) return 'pause';
  return unknown ? 'ask' : 'next';
}
