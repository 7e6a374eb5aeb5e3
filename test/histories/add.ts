import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addRecording } from './folder.js';

/**
 * Adds histories as a new folder beside this program's source that tests of workflows have kept, because they need no host:
 * `BELAY_KEEP_HISTORIES=FOLDER npx vitest run test/workflows`, then `node build/test/histories/add.js FOLDER`.
 */
const [from] = process.argv.slice(2);
if (from === undefined) throw new Error('which folder?');
const kept = readdirSync(from).sort();
const histories = new Map(kept.map((name) => [name, readFileSync(join(from, name), 'utf8')]));
process.stdout.write(`${histories.size} histories recorded in test/histories/${addRecording(histories)}\n`);
