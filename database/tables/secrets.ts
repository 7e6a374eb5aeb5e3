import { EntitySchema } from 'typeorm';
import { bytes, integer, key, now, nullable, refers, text } from './columns.js';

export interface SecretRow {
  name: string;
  version: number;
  sealed: Uint8Array;
  stored_by: string;
  at: Date;
}

export const secretsTable = new EntitySchema<SecretRow>({
  name: 'secrets',
  columns: {
    name: key(text, 'secrets_key'),
    version: key(integer, 'secrets_key'),
    sealed: bytes,
    stored_by: text,
    at: now,
  },
});

export interface SecretHeadRow {
  name: string;
  version: number;
  next: number | null;
  run: string | null;
}

export const secretHeadsTable = new EntitySchema<SecretHeadRow>({
  name: 'secret_heads',
  columns: { name: key(text, 'secret_heads_key'), version: integer, next: nullable(integer), run: nullable(text) },
  foreignKeys: [
    refers('secret_heads_run', 'runs', ['run']),
    refers('secret_heads_version', 'secrets', ['name', 'version']),
    refers('secret_heads_next', 'secrets', ['name', 'next'], ['name', 'version']),
  ],
});

export interface RunSecretRow {
  run: string;
  name: string;
  sealed: Uint8Array;
  at: Date;
  version: number | null;
}

export const runSecretsTable = new EntitySchema<RunSecretRow>({
  name: 'run_secrets',
  columns: {
    run: key(text, 'run_secrets_key'),
    name: key(text, 'run_secrets_key'),
    sealed: bytes,
    at: now,
    version: nullable(integer),
  },
  foreignKeys: [refers('run_secrets_run', 'runs', ['run'])],
});
