import { quote } from '../../model/shell-word.js';
import type { Client } from 'ssh2';
import { notConnected } from './connect-failure.js';
import { connect, publicHalf, type ConnectOptions } from './connect.js';
import { Failed } from '../../model/failure.js';
import type { Destination, PrivateKey } from './session.js';
import { within } from './within.js';

/** Adds the line on stdin to authorized_keys, once; what is there stays. */
const install = `umask 077
IFS= read -r line || exit 1
mkdir -p "$HOME/.ssh" && file=$HOME/.ssh/authorized_keys && touch "$file" || exit 1
grep -qxF -- "$line" "$file" && exit 0
[ -z "$(tail -c 1 "$file")" ] || echo >>"$file"
printf '%s\\n' "$line" >>"$file" || exit 1
if command -v restorecon >/dev/null 2>&1; then restorecon -F "$HOME/.ssh" "$file"; fi
grep -qxF -- "$line" "$file"
`;

const limit = 20_000;

/**
 * The line for authorized_keys that lets this key log in; `secret` is where its private half is stored.
 *
 * @throws Failed `host/login-refused` where the key cannot be used
 */
export function authorizedLine(destination: Destination, key: PrivateKey, secret: string): string {
  try {
    return `${publicHalf(key)} belay:${secret}`;
  } catch (error) {
    throw notConnected(destination, error, limit);
  }
}

/**
 * Logs in once with a password, adds the line to the user's authorized_keys, and proves that by logging in with the key.
 *
 * @throws Failed with a `host/…` kind
 */
export async function installKey(
  destination: Destination,
  line: string,
  password: string,
  options: ConnectOptions,
): Promise<void> {
  const client = await connect({ ...destination, key: { password } }, options);
  try {
    const code = await within(limit, 'adding the key', told(client, line));
    if (code !== 0) throw notAdded(destination, code);
  } finally {
    client.end();
  }
  (await connect(destination, options)).end();
}

/** The exit code of the script; undefined where none came. */
async function told(client: Client, line: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    client.once('close', () => resolve(undefined));
    client.exec(`exec /bin/sh -c ${quote(install)}`, (error, channel) => {
      if (error) return reject(error);
      channel.resume();
      channel.stderr.resume();
      channel.on('error', reject);
      channel.once('exit', (code: number | null) => resolve(code ?? undefined));
      channel.once('close', () => resolve(undefined));
      channel.end(`${line}\n`);
    });
  });
}

function notAdded({ host, user }: Destination, code: number | undefined): Failed {
  return new Failed({
    kind: 'host/no-shell',
    tried: `adding a key to authorized_keys of ${user} on ${host}`,
    known: `the password was right, but the script ${code === undefined ? 'gave no exit code' : `ended with ${code}`}; the key may or may not be there`,
    next: `add the line by hand to ~${user}/.ssh/authorized_keys; \`belay host key ${host}\` prints it`,
  });
}
