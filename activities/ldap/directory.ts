import { connect as dial, type TLSSocket } from 'node:tls';
import { Attribute, Change, Client, type Entry } from 'ldapts';
import { AssertionControl, assertionType } from './assertion.js';
import type { LdapNeeds } from './needs.js';
import { failureOfLooking, isNoEntry, sentOf, type Sent } from './result-codes.js';
import { serverNameOf, type Target } from './target.js';

type Limits = LdapNeeds['limits'];

/** What is there now. */
export interface Present {
  /** False where the entry itself is not there. */
  readonly entry: boolean;
  readonly values: readonly Buffer[];
  /** The entry's change number, where the server shows one and lets it be asserted. */
  readonly change?: string;
}

/** One login on one connection. After its first error it is of no use, and it never dials again. */
export interface Directory {
  /** @throws Failed with an `ldap/…` kind */
  read(): Promise<Present>;
  /** Asks for `before` to be replaced by `after`, in one request that fails where `before` is no longer there. */
  replace(before: Buffer, after: Buffer, change?: string): Promise<Sent>;
  close(): Promise<void>;
}

/** OpenLDAP's number of an entry's last change. */
const changeNumber = 'entryCSN';

/**
 * Connects with TLS to a server that the authority has signed for this very name, and logs in.
 *
 * @throws Failed with an `ldap/…` kind
 */
export async function openDirectory(target: Target, limits: Limits): Promise<Directory> {
  const line = dialOnce(target);
  const client = new Client({
    url: target.url,
    timeout: limits.request,
    connectTimeout: limits.connect,
    createSecureConnection: line.dial,
  });
  const looking = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      line.drop();
      throw failureOfLooking(target, error, line.untrusted());
    }
  };
  await looking(async () => client.bind(target.dn, target.password));
  return {
    read: async () => looking(async () => present(client, target)),
    replace: async (before, after, change) => replace(client, target, before, after, change),
    close: async () => {
      await client.unbind().catch(() => undefined);
      line.drop();
    },
  };
}

/**
 * The library dials anew, silently and without a login, when a connection is gone. This line can be dialled once.
 * It is also where the certificate is checked, always, whatever the process's environment says.
 */
function dialOnce(target: Target): { dial: typeof dial; untrusted: () => string | undefined; drop: () => void } {
  let socket: TLSSocket | undefined;
  const servername = serverNameOf(target);
  const options = {
    ca: target.authority,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    ...(servername === undefined ? {} : { servername }),
  };
  return {
    dial: ((port: number) => {
      if (socket) throw new Error('the connection is gone');
      socket = dial({ ...options, host: target.host, port });
      socket.setNoDelay(true);
      boundReading(socket);
      return socket;
    }) as typeof dial,
    untrusted: () => distrust(socket),
    drop: () => socket?.destroy(),
  };
}

/** Bytes that one connection may say: some questions about one entry, whose values are at most some MiB. */
const mostRead = 32 * 1024 * 1024;

/** The library keeps whatever comes until its time is over; a server that says too much is cut off before. */
function boundReading(socket: TLSSocket): void {
  let read = 0;
  // Not before: a listener makes data flow, and the library listens from then on, too.
  socket.once('secureConnect', () =>
    socket.on('data', (bytes: Buffer) => {
      read += bytes.length;
      if (read > mostRead) socket.destroy(new Error('the server says more than it was asked for'));
    }),
  );
}

/** The code of what was wrong with the certificate. */
function distrust(socket: TLSSocket | undefined): string | undefined {
  const error: unknown = socket?.authorizationError;
  if (!error) return undefined;
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? 'not valid') : String(error as string);
}

async function present(client: Client, target: Target): Promise<Present> {
  const attributes = [target.attribute, changeNumber];
  try {
    const { searchEntries } = await client.search(target.entry, {
      scope: 'base',
      derefAliases: 'never',
      attributes,
      explicitBufferAttributes: [target.attribute],
    });
    const [entry] = searchEntries;
    if (!entry) return { entry: false, values: [] };
    const change = valuesOf(entry, changeNumber)[0]?.toString('utf8');
    const asserting = change !== undefined && (await canAssert(client));
    return { entry: true, values: valuesOf(entry, target.attribute), ...(asserting ? { change } : {}) };
  } catch (error) {
    if (isNoEntry(error)) return { entry: false, values: [] };
    throw error;
  }
}

/** Servers may spell an attribute's name in other letter cases, and give one value without a list. */
function valuesOf(entry: Entry, attribute: string): Buffer[] {
  const name = Object.keys(entry).find((one) => one.toLowerCase() === attribute.toLowerCase());
  const value = name === undefined ? [] : entry[name];
  return (Array.isArray(value) ? value : [value]).map((one) =>
    Buffer.isBuffer(one) ? one : Buffer.from(String(one), 'utf8'),
  );
}

async function canAssert(client: Client): Promise<boolean> {
  const { searchEntries } = await client.search('', { scope: 'base', attributes: ['supportedControl'] });
  const [root] = searchEntries;
  return (
    root !== undefined && valuesOf(root, 'supportedControl').some((control) => control.toString() === assertionType)
  );
}

/** Deleting the exact old value asserts it on every server; the change number also sees what was changed back. */
async function replace(client: Client, target: Target, before: Buffer, after: Buffer, change?: string): Promise<Sent> {
  const changeOf = (operation: 'delete' | 'add', value: Buffer): Change =>
    new Change({ operation, modification: new Attribute({ type: target.attribute, values: [value] }) });
  const controls = change === undefined ? [] : [new AssertionControl(changeNumber, change)];
  try {
    await client.modify(target.entry, [changeOf('delete', before), changeOf('add', after)], controls);
    return { how: 'accepted' };
  } catch (error) {
    return sentOf(error);
  }
}
