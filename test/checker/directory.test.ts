// cspell:ignore auditlog changetype
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DirectoryChange, Facts, Violation } from '../chaos/checker/facts.js';
import { judge } from '../chaos/checker/judge.js';
import { readDirectory } from '../chaos/checker/read-directory.js';
import { directoryPlants } from '../chaos/suite/check.js';
import { innocent, type Plantable } from './innocent.js';

type World = Plantable<Facts>;

const change = (place: number, at: number, provider: string, own = false): Plantable<DirectoryChange> => ({
  ...{ host: 'd', place, at, own },
  values: [`{"cacheProviderType":"${provider}"}`],
});

/** The innocent run with a last step that has put its mark into a directory, where another run's had been. */
function world(): World {
  const facts = innocent();
  const [run] = facts.runs;
  run!.mark = 'M-1';
  run!.tasks.push({
    ...structuredClone(run!.tasks[0]!),
    ...{ step: 'settings', host: 'd', order: [1, 0, 0], noted: false, directory: true },
    intents: [{ part: 'do', undo: 0, attempt: 1, at: 180.5 }],
  });
  facts.histories[0]!.endings.push({ step: 'settings', host: 'd', attempt: 1, ending: 'done' });
  facts.runs.unshift({ ...structuredClone(run!), run: 'r-0', mark: 'M-0', tasks: [] });
  facts.histories.push({ ...facts.histories[0]!, run: 'r-0', endings: [] });
  facts.directory = [change(0, 50, 'M-0'), change(1, 181, 'M-1')];
  return facts;
}

const settings = (facts: World): World['runs'][number]['tasks'][number] => facts.runs[1]!.tasks.at(-1)!;
const undone = (facts: World): void => {
  settings(facts).state = 'undone';
  facts.runs[1]!.state = 'undone';
  facts.runs[1]!.undone = [{ undo: 1, ended: 195.5 }];
  facts.directory.push(change(2, 191, 'M-0'));
};
const inDirectory = (facts: World): Violation[] => {
  const hosts: Partial<World> = { ledger: facts.ledger.filter(({ part }) => part !== 'undo') };
  return judge({ ...facts, ...hosts } as Facts).filter(({ evidence }) => /settings|change/.test(evidence));
};

const planted: readonly (readonly [crime: Violation['crime'], what: string, plant: (facts: World) => unknown])[] = [
  ['lost', 'a change of which the server knows nothing', (facts) => facts.directory.pop()],
  ['lost', 'an undo of which the server knows nothing', (facts) => (undone(facts), facts.directory.pop())],
  ['phantom', 'a change of nobody', (facts) => facts.directory.push(change(2, 190, 'M-7'))],
  ['phantom', 'a change without an intent', (facts) => (settings(facts).intents = [])],
  ['phantom', 'a change before its intent', (facts) => (settings(facts).intents[0]!.at = 182)],
  ['phantom', 'an undo that nobody has begun', (facts) => (undone(facts), (facts.runs[1]!.undone = []))],
  ['phantom', 'an undo after the undo', (facts) => (undone(facts), (facts.directory.at(-1)!.at = 197))],
  ['doubled', 'a change', (facts) => facts.directory.push(change(2, 182, 'M-1'))],
  ['doubled', 'a change after its undo', (facts) => (undone(facts), facts.directory.push(change(3, 192, 'M-1')))],
  ['doubled', 'an undo', (facts) => (undone(facts), facts.directory.push(change(3, 192, 'M-0')))],
  ['out of order', 'a change before hosts were ready', (facts) => (facts.directory[1]!.at = 120)],
];

describe('the checker, of directories', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-directory-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds nothing where nothing is wrong, nor where somebody else has changed the value in between', () => {
    expect(inDirectory(world())).toEqual([]);
    const back = world();
    undone(back);
    expect(inDirectory(back)).toEqual([]);
    const others = world();
    others.directory.splice(1, 0, change(8, 170, 'SOMEBODY', true), change(9, 171, 'M-0', true));
    expect(inDirectory(others)).toEqual([]);
  });

  it.each(planted)('finds %s: %s', (crime, _what, plant) => {
    const facts = world();
    plant(facts);
    expect(inDirectory(facts).map((one) => one.crime)).toContain(crime);
  });

  it.each(['lost', 'phantom', 'doubled'] as const)('finds what the suite plants in a log: %s', (crime) => {
    const record = [
      '# modify 181 o=gluu cn=directory manager,o=gluu IP=10.1.2.3:40000 conn=1003',
      ...['dn: inum=1,o=gluu', 'changetype: modify', 'replace: conf', 'conf: {"cacheProviderType":"M-1"}', '-'],
      ...['# end modify 181', '', ''],
    ].join('\n');
    const file = join(folder, 'planted');
    const found = (text: string): Violation[] => {
      writeFileSync(file, text);
      return inDirectory({ ...world(), directory: readDirectory('d', file) as World['directory'] });
    };
    expect(found(record)).toEqual([]);
    expect(found(directoryPlants[crime]([record]).join('')).map((one) => one.crime)).toContain(crime);
  });

  it('reads what slapd has logged: folded, coded, and by whom', () => {
    const coded = Buffer.from('{"cacheProviderType":"É"}').toString('base64');
    const file = join(folder, 'log');
    writeFileSync(
      file,
      [
        '# modify 1790000001 o=gluu cn=directory manager,o=gluu IP=10.1.2.3:40000 conn=1003',
        ...['dn: inum=1,o=gluu', 'changetype: modify', 'delete: conf', 'conf: old', '-', 'add: conf'],
        ...[`conf:: ${coded.slice(0, 20)}`, ` ${coded.slice(20)}`, '-', 'replace: entryCSN', 'entryCSN: 1', '-'],
        ...['# end modify 1790000001', ''],
        '# modify 1790000002 o=gluu gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth PATH=/run/slapd/ldapi conn=7',
        ...[
          'dn: inum=1,o=gluu',
          'changetype: modify',
          'replace: conf',
          'conf: new',
          '-',
          '# end modify 1790000002',
          '',
        ],
      ].join('\n'),
    );
    expect(readDirectory('d', file)).toEqual([
      { host: 'd', place: 0, at: 1790000001, own: false, values: ['{"cacheProviderType":"É"}'] },
      { host: 'd', place: 1, at: 1790000002, own: true, values: ['new'] },
    ]);
    writeFileSync(file, '# what is this\nconf: new\n');
    expect(() => readDirectory('d', file)).toThrow('is none');
  });
});
