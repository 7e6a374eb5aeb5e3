import { attributeKey } from '../../model/directory-name.js';

/** Attributes that servers keep among the operational ones, although they are people's. */
export const hidden = [
  'aci',
  'pwdPolicySubentry',
  'ds-privilege-name',
  'ds-pwp-password-policy-dn',
  'nsAccountLock',
  'nsRoleDN',
];

/**
 * Those of some attributes that no client may write, as the schema of their server says: OpenDJ computes a
 * `pwdPolicySubentry` for every entry.
 *
 * @param names - in small letters
 */
export function unwritable(names: readonly string[], definitions: readonly Buffer[]): string[] {
  const texts = definitions.map((one) => one.toString('utf8'));
  return names.filter((name) => {
    const own = texts.find((text) => namesIn(text).includes(attributeKey(name)));
    return own !== undefined && / NO-USER-MODIFICATION /.test(own);
  });
}

function namesIn(definition: string): string[] {
  const [, names = ''] = / NAME (\([^)]*\)|'[^']*')/.exec(definition) ?? [];
  return [...names.matchAll(/'([^']*)'/g)].map(([, name = '']) => attributeKey(name));
}
