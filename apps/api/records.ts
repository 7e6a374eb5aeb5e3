import type { Database } from '../../database/connect.js';

/** The database, as a token by which Nest hands it to whoever asks for it. */
export class Records {
  constructor(readonly database: Database) {}
}
