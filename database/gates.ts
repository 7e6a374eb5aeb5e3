import type { Gate } from '../model/record.js';
import type { Database } from './connect.js';

/**
 * Asks for the approval before a phase; asking again changes nothing.
 *
 * @param deadline - ISO 8601; none where the approval waits for ever
 * @throws UnknownGate
 */
export async function askApproval(db: Database, run: string, phase: number, deadline?: string): Promise<void> {
  throw new Error('not built yet');
}

/** @throws UnknownGate */
export async function readGate(db: Database, run: string, phase: number): Promise<Gate> {
  throw new Error('not built yet');
}

/**
 * Opens a gate if, read under lock, its votes are enough and nobody has rejected it. Nothing else opens one.
 *
 * @returns how the gate stands after it
 * @throws UnknownGate
 */
export async function openGate(db: Database, run: string, phase: number): Promise<Gate> {
  throw new Error('not built yet');
}
