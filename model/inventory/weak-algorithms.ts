/**
 * What Belay does not offer of itself, because it is broken or near it, and may be told to accept from one host that
 * knows nothing better. The list is closed: nothing else can be let in.
 */
export const weakAlgorithms = {
  'diffie-hellman-group14-sha1': 'kex',
  'diffie-hellman-group-exchange-sha1': 'kex',
  'diffie-hellman-group1-sha1': 'kex',
  'aes256-cbc': 'cipher',
  'aes192-cbc': 'cipher',
  'aes128-cbc': 'cipher',
  '3des-cbc': 'cipher',
  'hmac-sha1': 'hmac',
  'ssh-rsa': 'serverHostKey',
} as const;
export type WeakAlgorithm = keyof typeof weakAlgorithms;

/** Their names, for schemas. */
export const weakAlgorithmNames = Object.keys(weakAlgorithms) as [WeakAlgorithm, ...WeakAlgorithm[]];
