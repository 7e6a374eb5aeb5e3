import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { connect, type ConnectOptions } from './connect.js';
import { noWay, onTheWay } from './connect-failure.js';
import { identity } from './identity.js';
import type { Destination } from './session.js';
import { within } from './within.js';

/** Channels of one connection to a host that is jumped through; sshd lets ten sessions share one. */
const most = 8;
const openingLimit = 20_000;

/** What a host can open a stream to: a TCP port, or a unix socket. */
export type Place = { readonly address: string; readonly port: number } | { readonly socket: string };

/** One connection to a host that others are reached through; it ends with the last of them. */
interface Gateway {
  readonly client: Promise<Client>;
  users: number;
}

/** Ways to hosts that are reached through others. Their connections are shared. */
export class Gateways {
  private readonly kept = new Map<string, Gateway[]>();

  constructor(private readonly options: ConnectOptions) {}

  /**
   * A stream from the host `through` to `to`; every host on the way is known by its pinned keys before anything goes on.
   *
   * @throws Failed with a `host/…` kind that names the host on the way
   */
  async way(through: Destination, to: Destination): Promise<Duplex> {
    try {
      return await this.reach(through, to, to.host);
    } catch (error) {
      throw onTheWay(through, to, error) ?? noWay(through, to, error);
    }
  }

  /**
   * A stream from a host to a place as that host sees it. Its sshd opens it, as the user that logs in.
   *
   * @throws Failed with a `host/…` kind where the host is not reached; another error where it opens no way there
   */
  async reach(from: Destination, to: Place, called: string): Promise<Duplex> {
    const gateway = this.take(from);
    const leave = this.leaving(from, gateway);
    try {
      const client = await gateway.client;
      const stream = await within(openingLimit, `the way from ${from.host} to ${called}`, forward(client, to));
      stream.once('close', leave);
      // Whoever uses the stream hears of its errors; this one keeps an early one from ending the process.
      stream.on('error', () => undefined);
      return stream;
    } catch (error) {
      leave();
      throw error;
    }
  }

  private take(through: Destination): Gateway {
    const there = this.kept.get(identity(through)) ?? [];
    this.kept.set(identity(through), there);
    const free = there.find((one) => one.users < most);
    if (free) {
      free.users += 1;
      return free;
    }
    const gateway: Gateway = { client: connect(through, { ...this.options, ways: this }), users: 1 };
    there.push(gateway);
    gateway.client.then(
      (client) => {
        client.on('error', () => this.drop(through, gateway));
        client.once('close', () => this.drop(through, gateway));
      },
      () => this.drop(through, gateway),
    );
    return gateway;
  }

  /** What is to be called when one user of a gateway is done with it; only its first call counts. */
  private leaving(through: Destination, gateway: Gateway): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      gateway.users -= 1;
      if (gateway.users > 0) return;
      this.drop(through, gateway);
      gateway.client.then((client) => client.end()).catch(() => undefined);
    };
  }

  private drop(through: Destination, gateway: Gateway): void {
    const rest = (this.kept.get(identity(through)) ?? []).filter((one) => one !== gateway);
    if (rest.length > 0) this.kept.set(identity(through), rest);
    else this.kept.delete(identity(through));
  }
}

async function forward(client: Client, to: Place): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const opened = (error: Error | undefined, stream: ClientChannel): void => (error ? reject(error) : resolve(stream));
    if ('socket' in to) client.openssh_forwardOutStreamLocal(to.socket, opened);
    else client.forwardOut('127.0.0.1', 0, to.address, to.port, opened);
  });
}

/** Options of single connects outside any session, with ways of their own. */
export function connectingFor(agentSocket?: string): ConnectOptions {
  const options = agentSocket === undefined ? {} : { agentSocket };
  return { ...options, ways: new Gateways(options) };
}
