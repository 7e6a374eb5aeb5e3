import type { Algorithms } from 'ssh2';
import { weakAlgorithms, type WeakAlgorithm } from '../../model/inventory/weak-algorithms.js';
import { hostKeyOrder } from './host-key.js';

/** Strong algorithms alone. No chacha20 and no encrypt-then-mac: they are safe only where strict kex is certain. */
const strong = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group-exchange-sha256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} satisfies Algorithms;

type Part = (typeof weakAlgorithms)[WeakAlgorithm];
type NamesOf<T extends Part> = {
  [Name in WeakAlgorithm]: (typeof weakAlgorithms)[Name] extends T ? Name : never;
}[WeakAlgorithm];

/** What is offered to one server: strong algorithms first, then those that its inventory lets in by name. */
export function offered(hostKeys: readonly string[], weak: readonly WeakAlgorithm[] = []): Algorithms {
  const also = <T extends Part>(part: T): NamesOf<T>[] =>
    weak.filter((name): name is NamesOf<T> => weakAlgorithms[name] === part);
  return {
    ...strong,
    kex: [...strong.kex, ...also('kex')],
    cipher: [...strong.cipher, ...also('cipher')],
    hmac: [...strong.hmac, ...also('hmac')],
    serverHostKey: [...hostKeyOrder(hostKeys), ...also('serverHostKey')],
  };
}
