import { expect, it } from 'vitest';
import { compareDirectories, linesOf } from './directory.js';

const ldif = (keys: string, revision: number): string =>
  [
    'dn: o=gluu',
    'objectClass: top',
    '',
    'dn: ou=configuration,o=gluu',
    `oxAuthConfWebKeys: ${keys.slice(0, 8)}`,
    ` ${keys.slice(8)}`,
    `oxRevision: ${String(revision)}`,
    '',
  ].join('\n');
const holding = (text: string) => ({ node1: new Set(linesOf(text)) });

it('finds nothing otherwise where only a revision was raised', () => {
  expect(compareDirectories(holding(ldif('{"keys":[1]}', 1)), holding(ldif('{"keys":[1]}', 3)))).toEqual([]);
});

it('names node, entry and attribute of what is otherwise, and no value', () => {
  expect(compareDirectories(holding(ldif('{"keys":[1]}', 1)), holding(ldif('{"keys":[2]}', 1)))).toEqual([
    'node1 directory ou=configuration,o=gluu oxAuthConfWebKeys',
  ]);
});

it('misses an entry that is gone, and a server that is off', () => {
  const before = holding(ldif('{"keys":[1]}', 1));
  expect(compareDirectories(before, holding('dn: o=gluu\nobjectClass: top\n'))).toHaveLength(1);
  expect(compareDirectories(before, holding(''))).toHaveLength(2);
});

it('finds a Boolean the same however it is spelled, and no other value', () => {
  const of = (value: string) => holding(`dn: cn=config\nds-cfg-enabled: ${value}\n`);
  expect(compareDirectories(of('true'), of('TRUE'))).toEqual([]);
  expect(compareDirectories(of('true'), of('FALSE'))).toEqual(['node1 directory cn=config ds-cfg-enabled']);
  expect(compareDirectories(of('One'), of('ONE'))).toHaveLength(1);
});
