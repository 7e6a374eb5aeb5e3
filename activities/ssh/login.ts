import type { ConnectConfig } from 'ssh2';
import { UnusableKey } from './connect-failure.js';
import { parsePrivateKey, type ParseKey } from './private-key.js';
import type { Destination } from './session.js';

/**
 * One way to log in, asked once: no `none`, nothing forwarded, and a password only where it is to install a key.
 *
 * @throws UnusableKey
 */
export function loginOf({ user, key }: Destination, agentSocket: string | undefined, parse: ParseKey): ConnectConfig {
  if ('unusable' in key) throw key.unusable;
  if ('password' in key) {
    const { password } = key;
    return { username: user, password, tryKeyboard: true, authHandler: ['password', 'keyboard-interactive'] };
  }
  if ('privateKey' in key) {
    const privateKey = Buffer.from(key.privateKey);
    const passphrase = key.passphrase === undefined ? undefined : Buffer.from(key.passphrase);
    parsePrivateKey(key, parse);
    return {
      username: user,
      privateKey,
      ...(passphrase === undefined ? {} : { passphrase }),
      authHandler: ['publickey'],
    };
  }
  const agent = key.agent || agentSocket;
  if (!agent) throw new UnusableKey('no agent is named, and SSH_AUTH_SOCK is not set');
  return { username: user, agent, authHandler: ['agent'] };
}

/** Answers to what a server asks at a keyboard: one hidden question is for the password, and nothing else is told. */
export function typed(password: string | undefined, prompts: readonly { readonly echo?: boolean }[]): string[] {
  const hidden = prompts.length === 1 && prompts[0]?.echo !== true;
  return password !== undefined && hidden ? [password] : [];
}
