// cspell:words usercertificate
import { describe, expect, it } from 'vitest';
import { attributeKey, normalName, readName } from '../../model/directory-name.js';
import { readDefinition } from '../../model/schema-definition.js';

describe('A distinguished name', () => {
  it.each([
    ['uid=alice,ou=people,o=example', ['uid=alice', 'ou=people', 'o=example']],
    [String.raw`cn=Liddell\, Alice,o=a`, ['cn=Liddell, Alice', 'o=a']],
    [String.raw`cn=\C3\A4\2C,o=a`, ['cn=ä,', 'o=a']],
    ['cn="a,b" , o=a', ['cn=a,b', 'o=a']],
    [String.raw`cn=a\ ,o=a`, ['cn=a ', 'o=a']],
    ['2.5.4.3=a;o=b', ['2.5.4.3=a', 'o=b']],
    ['cn=a+uid=b,o=c', ['cn=a+uid=b', 'o=c']],
    ['cn=,o=a', ['cn=', 'o=a']],
    ['', []],
  ])('%s is read', (text, names) => {
    expect(readName(text)?.map((parts) => parts.map(({ type, value }) => `${type}=${value}`).join('+'))).toEqual(names);
  });

  it.each([
    'alice',
    'cn=a,',
    'cn=a,b',
    String.raw`cn=\C3`,
    String.raw`cn=\q`,
    'cn="a',
    'cn="a"b',
    'cn=a<b',
    '=a',
    'cn=a,,o=b',
  ])('%s is none', (text) => {
    expect(readName(text)).toBeUndefined();
  });

  it('has one normal spelling, in which the letters of values stay', () => {
    const same = ['CN=Alice,O=a', 'cn = Alice , o=a', String.raw`cn=\41lice,o=a`, 'cn="Alice";o=a'];
    expect(new Set(same.map(normalName)).size).toBe(1);
    expect(normalName('cn=alice,o=a')).not.toBe(normalName('cn=Alice,o=a'));
    expect(normalName('cn=a+uid=b')).toBe(normalName('uid=b+cn=a'));
  });
});

describe('The name of an attribute', () => {
  it.each([
    ['Mail', 'mail'],
    ['cn;lang-DE;x-a', 'cn;lang-de;x-a'],
    ['cn;x-a;lang-de', 'cn;lang-de;x-a'],
    ['userCertificate;binary', 'usercertificate'],
  ])('%s is known as %s', (name, key) => {
    expect(attributeKey(name)).toBe(key);
  });
});

describe('A definition of a schema', () => {
  const normal = (text: string): string | undefined => readDefinition(text)?.normal;

  it('is the same however servers spell it', () => {
    const same = [
      "( 1.2.3 NAME 'a' DESC 'Of us' SUP name SINGLE-VALUE )",
      "{4}( 1.2.3   NAME ( 'A' ) SUP NAME DESC 'Of us' SINGLE-VALUE X-ORIGIN 'us' )",
      "(1.2.3 NAME 'a' DESC 'Of us' SUP name SINGLE-VALUE X-SCHEMA-FILE ( '99-user.ldif' 'b' ))",
    ];
    expect(new Set(same.map(normal))).toHaveLength(1);
    expect(normal(same[0] ?? '')).toBeDefined();
  });

  it.each([
    ["( 1.2.3 NAME 'a' SUP name )", "( 1.2.3 NAME 'a' SUP name SINGLE-VALUE )"],
    ["( 1.2.3 NAME 'a' SUP name )", "( 1.2.3 NAME 'b' SUP name )"],
    ["( 1.2.3 NAME 'a' MAY ( b $ c ) )", "( 1.2.3 NAME 'a' MAY ( b $ d ) )"],
    ["( 1.2.3 NAME 'a' DESC 'x' )", "( 1.2.3 NAME 'a' DESC 'X' )"],
  ])('%s is not %s', (one, other) => {
    expect(normal(one)).not.toBe(normal(other));
  });

  it.each(['acmeName', '( )', "( 1.2.3 NAME 'a", '( 1.2.3 ] )', "1.2.3 NAME 'a'"])('%s is none', (text) => {
    expect(readDefinition(text)).toBeUndefined();
  });
});
