import { EntitySchema } from 'typeorm';
import { bigint, integer, key, now, nullable, refers, text, time } from './columns.js';

export interface BegunWaveRow {
  run: string;
  phase: number;
  wave: number;
  begun_at: Date;
  ended_at: Date | null;
}

export const begunWavesTable = new EntitySchema<BegunWaveRow>({
  name: 'begun_waves',
  columns: {
    run: key(text, 'begun_waves_key'),
    phase: key(integer, 'begun_waves_key'),
    wave: key(integer, 'begun_waves_key'),
    begun_at: now,
    ended_at: nullable(time),
  },
  foreignKeys: [refers('begun_waves_run', 'runs', ['run'])],
});

export interface AcknowledgementRow {
  id: number;
  run: string;
  host: string | null;
  reason: string;
  said_by: string;
  at: Date;
}

export const acknowledgementsTable = new EntitySchema<AcknowledgementRow>({
  name: 'acknowledgements',
  columns: {
    id: { ...key(bigint, 'acknowledgements_key'), generated: 'increment' },
    run: text,
    host: nullable(text),
    reason: text,
    said_by: text,
    at: now,
  },
  indices: [{ name: 'acknowledgements_by_run', columns: ['run'] }],
  foreignKeys: [refers('acknowledgements_run', 'runs', ['run'])],
});
