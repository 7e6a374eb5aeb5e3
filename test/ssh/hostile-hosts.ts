import type { AuthContext, Connection, ServerChannel, Session as SshSession } from 'ssh2';
import ssh2 from 'ssh2';

const { Server, utils } = ssh2;
const hostKey = utils.generateKeyPairSync('ed25519');
export const userKey = Buffer.from(utils.generateKeyPairSync('ed25519').private);
/** `type base64`, as it is pinned. */
export const pinnedKey = hostKey.public.split(' ').slice(0, 2).join(' ');

/** What a host that has proved its key does next. */
export interface Conduct {
  readonly login?: (context: AuthContext, connection: Connection) => void;
  readonly session?: (connection: Connection, accept: () => SshSession, reject: () => void) => void;
  /** What the program does that Belay starts; the first is the runner, the second its reading channel. */
  readonly program?: (channel: ServerChannel, count: number, connection: Connection) => void;
}

export const hello = `belay hello 1 nonce boot debian 12 sysv x86_64 yes /var/lib/belay/h\n`;
const big = Buffer.alloc(32_768, 'x');

/** Says the same for ever, as fast as it is read. */
function flood(to: NodeJS.WritableStream & { destroyed?: boolean }, bytes: string | Buffer): void {
  const more = (): void => {
    while (to.destroyed !== true && to.write(bytes));
  };
  to.on('drain', more);
  more();
}

const greeting =
  (then: (channel: ServerChannel, connection: Connection) => void, reader?: (channel: ServerChannel) => void) =>
  (channel: ServerChannel, count: number, connection: Connection): void => {
    if (count > 1) return reader ? reader(channel) : undefined;
    channel.write(hello);
    then(channel, connection);
  };

const readerSays =
  (answer: string | Buffer): ((channel: ServerChannel) => void) =>
  (channel) => {
    channel.write('belay reading\n');
    channel.on('data', () => channel.write(answer));
  };

/** Hosts that fail before their runner has greeted. */
export const beforeGreeting: Readonly<Record<string, Conduct>> = {
  'never answers the login': { login: () => undefined },
  'refuses the login': { login: (context) => context.reject() },
  'is never content with a login': { login: (context) => context.reject(['publickey'], true) },
  'hangs up at the login': { login: (_context, connection) => void connection.end() },
  'never opens a channel': { session: () => undefined },
  'refuses every channel': { session: (_connection, _accept, reject) => reject() },
  'hangs up when a channel is opened': { session: (connection) => connection.end() },
  'never starts a program': { session: (_connection, accept) => void accept() },
  'starts a program that says nothing': { program: () => undefined },
  'starts a program that ends without a status': { program: (channel) => channel.close() },
  'starts a program that ends at once': { program: (channel) => (channel.exit(0), channel.end()) },
  'says that its program has ended, and keeps the channel': { program: (channel) => channel.exit(1) },
  'ends its output, and keeps the channel': { program: (channel) => channel.push(null) && channel.eof?.() },
  'greets with a line without end': { program: (channel) => flood(channel, big) },
  'greets with lines without end': { program: (channel) => flood(channel, 'Last login: yesterday\n'.repeat(1000)) },
  'complains without end': { program: (channel) => flood(channel.stderr, big) },
  'refuses with a kind that is none': {
    program: (channel) => channel.write('belay refused no/such-kind $(touch /canary) \x1b[2J\n'),
  },
};

/** A host that does as it should. On a busy machine its answer may come so late that its reading channel is asked, too. */
export const tame: Conduct = {
  program: greeting(
    (channel) => channel.once('data', () => channel.write('done 1 exited 7 0 0 0 0\n')),
    readerSays('exited 7 0 0 boot 0 0 0 0\n'),
  ),
};

/** Hosts whose runner greets, and that fail when something is asked of them. */
export const afterGreeting: Readonly<Record<string, Conduct>> = {
  'never answers': { program: greeting(() => undefined) },
  'hangs up at the first question': {
    program: greeting((channel, connection) => channel.on('data', () => connection.end())),
  },
  'answers with garbage': {
    program: greeting((channel) => channel.on('data', () => channel.write(Buffer.alloc(500, 0xf5)))),
  },
  'answers what nobody asked': {
    program: greeting((channel) => flood(channel, 'done 99 exited 0 0 0 0 0\n'.repeat(500))),
  },
  'answers without end': {
    program: greeting((channel) =>
      channel.on('data', () => flood(channel, 'claim 1 do 1 1 boot running -\n'.repeat(500))),
    ),
  },
  'tells of an end that is none': {
    program: greeting((channel) => channel.on('data', () => channel.write('done 1 splendid 0 0 0 0 0\n'))),
  },
  'tells of an exit without a code': {
    program: greeting((channel) => channel.on('data', () => channel.write('done 1 exited zero 0 0 0 0\n'))),
  },
  'never reads what it is sent': { program: greeting((channel) => channel.pause()) },
  'lets its reading channel say nothing': {
    program: greeting(
      () => undefined,
      () => undefined,
    ),
  },
  'reads garbage out': { program: greeting(() => undefined, readerSays('what 0 0 0 boot 0 0 0 0\n')) },
  'reads out an exit without a code': { program: greeting(() => undefined, readerSays('exited - 0 0 boot 0 0 0 0\n')) },
  'reads out more than was asked for': {
    program: greeting(() => undefined, readerSays('running - 0 0 boot 0 0 9000000000 0\n')),
  },
  'reads out without end': {
    program: greeting(
      () => undefined,
      (channel) => flood(channel, big),
    ),
  },
};

export interface HostileHost {
  readonly port: number;
  readonly connections: () => number;
  close(): Promise<void>;
}

/** A real SSH server whose conduct is that of the table. */
export async function hostileHost(conduct: Conduct): Promise<HostileHost> {
  const connections = new Set<Connection>();
  const server = new Server({ hostKeys: [hostKey.private] }, (connection) => {
    connections.add(connection);
    let programs = 0;
    connection.on('error', () => undefined).on('close', () => connections.delete(connection));
    connection.on('authentication', (context) =>
      conduct.login ? conduct.login(context, connection) : context.accept(),
    );
    connection.on('session', (accept, reject) => {
      if (conduct.session) return conduct.session(connection, accept, reject);
      accept().on('exec', (started) => {
        const channel = started();
        channel.on('error', () => undefined);
        conduct.program?.(channel, ++programs, connection);
        if (!channel.isPaused()) channel.resume();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    connections: () => connections.size,
    close: async () => {
      for (const connection of connections) connection.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
