import { text } from './arguments.js';
import { stepKind } from './kind.js';

export const note = stepKind({
  kind: 'note',
  on: 'record',
  about: 'Writes words for the people who follow the run.',
  schema: text().describe('What to say'),
  undo: 'nothing',
  repeatable: true,
  compile: (words) => ({ on: 'record', note: words }),
});
