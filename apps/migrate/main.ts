import 'reflect-metadata';
import { closeDatabase, migrate, openDatabase } from '../../database/connect.js';

/** Brings the database up to date and ends. It runs before the API and the worker, which expect its tables. */
const url = process.env['BELAY_DATABASE_URL'];
if (url === undefined) throw new Error('BELAY_DATABASE_URL is not set');
const database = await openDatabase(url);
try {
  await migrate(database);
} finally {
  await closeDatabase(database);
}
