import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createSessions } from '../../activities/ssh/sessions.js';
import { request } from '../ssh/request.js';
import { startSshd, until } from '../ssh/sshd.js';
import { journalIn } from './folder.js';

/**
 * Records a journal as this version writes it, in the midst of a script, as if the host had lost power then:
 * `npm run build && node build/test/journals/record.js FILE`, as root. Once for each format that is released; earlier
 * recordings stay as they are.
 */
const file = process.argv[2];
if (file === undefined) throw new Error('say where to write it');
const sshd = await startSshd();
const sessions = createSessions({ stateDirectory: sshd.state });
try {
  const session = await sessions.open(sshd.destination(), 100);
  const capture = 'echo "before $BELAY_ATTEMPT"; echo old >"$BELAY_SAVE/content"';
  const kept = { task: 'run-recorded.kept', holder: 100 };
  await session.run(request(capture, { ...kept, part: 'capture' }));
  await session.run(request('echo out; echo err >&2', kept));
  await session.keepPostImage(kept.task, 'after 1');
  await session.run(request('exit 75', { task: 'run-recorded.refused', holder: 100, refusal: 75 }));
  const undone = { task: 'run-recorded.undone', holder: 100 };
  await session.run(request('exit 3', undone));
  await session.run(request('exit 0', { ...undone, part: 'undo' }));
  await session.run(request('sleep 9', { task: 'run-recorded.late', holder: 100, seconds: 1 }));
  void session.run(request('echo begun; sleep 60', { task: 'run-recorded.cut', holder: 100 }));
  await until('it runs', async () => (await session.look('run-recorded.cut')).claims[0]?.state === 'running');
  const text = stringify(journalIn(join(sshd.state, 'h1')), { lineWidth: 0 });
  const before = '11111111-2222-3333-4444-555555555555';
  writeFileSync(file, text.replaceAll(session.bootId, before).replaceAll(sshd.folder, '/recorded'));
  await session.quiet('run-recorded.cut');
} finally {
  await sessions.close();
  await sshd.stop();
}
