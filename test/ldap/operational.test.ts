// cspell:words pwdpolicysubentry ofschema subschema
import { describe, expect, it } from 'vitest';
import { unwritable } from '../../activities/ldap/operational.js';

const computed =
  "( 1.3.6.1.4.1.42.2.27.8.1.23 NAME 'pwdPolicySubentry' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )";
const writable = computed.replace(' NO-USER-MODIFICATION', '');
const other = "( 2.5.18.10 NAME ( 'subschemaSubentry' 'ofSchema' ) NO-USER-MODIFICATION USAGE directoryOperation )";
const asked = (...definitions: string[]): string[] =>
  unwritable(
    ['pwdpolicysubentry', 'aci'],
    definitions.map((one) => Buffer.from(one)),
  );

describe('An operational attribute', () => {
  it('is the work of the server where its schema lets no client write it', () => {
    expect(asked(other, computed)).toEqual(['pwdpolicysubentry']);
  });

  it('is the work of people where the schema lets them write it, or does not say', () => {
    expect(asked(other, writable)).toEqual([]);
    expect(asked(other)).toEqual([]);
  });

  it('is known by any of its names', () => {
    expect(unwritable(['ofschema'], [Buffer.from(other)])).toEqual(['ofschema']);
  });
});
