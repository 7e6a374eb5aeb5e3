import { createAuthority } from '../../activities/certificates/authority.js';
import type { Values } from './harness.js';

/** Secrets of the stories: a password and two certificate authorities, \`ca\` and \`other\`. */
export async function makeAuthority(): Promise<Values> {
  const [ca, other] = await Promise.all([
    createAuthority('Stories', new Date()),
    createAuthority('Strangers', new Date()),
  ]);
  return {
    'secret.password': 'hunter2 \'and\' "more" $(x)',
    'secret.ca.certificate': ca.certificate,
    'secret.ca.key': ca.key,
    'secret.other.certificate': other.certificate,
    'secret.other.key': other.key,
  };
}
