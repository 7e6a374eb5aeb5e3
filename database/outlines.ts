import type { RunOutline, WaveOutline } from '../model/record.js';
import type { Database } from './connect.js';

/** @throws UnknownRun */
export async function readOutline(db: Database, run: string): Promise<RunOutline> {
  throw new Error('not built yet');
}

/** @throws UnknownRun; RangeError where the plan has no such phase or wave */
export async function readWave(db: Database, run: string, phase: number, wave: number): Promise<WaveOutline> {
  throw new Error('not built yet');
}

/** Notes that a phase is through. */
export async function finishPhase(db: Database, run: string, phase: number): Promise<void> {
  throw new Error('not built yet');
}
