// cspell:words maxstartups
import { execFileSync, spawn } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../activities/ssh/connect.js';
import { scanHostKeys } from '../../activities/ssh/scan-host-keys.js';
import { Failed } from '../../model/failure.js';
import { startSshd, until, type Sshd } from './sshd.js';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => sshd.stop());

const failureOf = async (work: Promise<unknown>): Promise<Failed['failure']> => {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Failed)) throw new Error(`no failure: ${String(error)}`);
  return error.failure;
};

/** What the server logs only once a client has begun to log in. */
const loginBegan = /userauth-request|Accepted|Failed/;

describe('a host key', () => {
  const otherKey = (): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(sshd.folder, 'other')]);
    return readFileSync(join(sshd.folder, 'other.pub'), 'utf8');
  };
  const printed = (): string =>
    execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';

  test('that has changed is refused before login, and the failure names it and the way on', async () => {
    const failure = await failureOf(connect({ ...sshd.destination(), hostKeys: [otherKey()] }));
    expect(failure.kind).toBe('host/key-changed');
    expect(failure.known).toContain(printed());
    expect(failure.next).toContain('belay host enrol h1');
    expect(sshd.log()).not.toMatch(loginBegan);
  });

  test('that is not known is refused before login, and the failure names it and the way on', async () => {
    const failure = await failureOf(connect({ ...sshd.destination(), hostKeys: [] }));
    expect(failure.kind).toBe('host/key-unknown');
    expect(failure.known).toContain(printed());
    expect(failure.next).toContain('belay host enrol h1');
    expect(sshd.log()).not.toMatch(loginBegan);
  });

  test('that is pinned lets the login begin', async () => {
    const client = await connect(sshd.destination());
    client.end();
    expect(sshd.log()).toMatch(loginBegan);
  });

  test('of a type that is not the server’s first is found where it alone is pinned', async () => {
    const several = await startSshd();
    onTestFinished(several.stop);
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', join(several.folder, 'rsa')]);
    await several.restart([`HostKey ${join(several.folder, 'rsa')}`]);
    const client = await connect({
      ...several.destination(),
      hostKeys: [readFileSync(join(several.folder, 'rsa.pub'), 'utf8')],
    });
    client.end();
    const shown = await scanHostKeys({ host: 'several', address: '127.0.0.1', port: several.port });
    expect(shown.keys.map((key) => key.split(' ')[0])).toEqual(['ssh-ed25519', 'ssh-rsa']);
    expect(shown.keys[0]).toBe(several.hostKey);
  });
});

describe('a login', () => {
  test('with a key that the host does not take is refused, and says so', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(sshd.folder, 'stranger')]);
    const privateKey = readFileSync(join(sshd.folder, 'stranger'));
    const failure = await failureOf(connect({ ...sshd.destination(), key: { privateKey } }));
    expect(failure.kind).toBe('host/login-refused');
    expect(failure.next).toContain('authorized_keys');
  });

  test('through an agent uses the keys that it holds', async () => {
    const socket = join(sshd.folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    onTestFinished(() => void agent.kill());
    await until('the agent listens', () => existsSync(socket));
    execFileSync('ssh-add', ['-q', join(sshd.folder, 'user')], { env: { SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
    const named = await connect({ ...sshd.destination(), key: { agent: socket } });
    named.end();
    const fallen = await connect({ ...sshd.destination(), key: { agent: '' } }, { agentSocket: socket });
    fallen.end();
  });

  describe('with an encrypted key', () => {
    const privateKey = (): Buffer => {
      const path = join(sshd.folder, 'locked');
      if (!existsSync(path)) {
        copyFileSync(join(sshd.folder, 'user'), path);
        execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', path]);
      }
      return readFileSync(path);
    };

    test('uses its passphrase', async () => {
      const key = { privateKey: privateKey(), passphrase: Buffer.from('open sesame') };
      const client = await connect({ ...sshd.destination(), key });
      client.end();
    });

    test.each([
      ['a wrong passphrase', { passphrase: Buffer.from('open barley') }],
      ['no passphrase', {}],
    ])('is refused before anything is sent, with %s', async (_, how) => {
      const failure = await failureOf(connect({ ...sshd.destination(), key: { privateKey: privateKey(), ...how } }));
      expect(failure).toMatchObject({ kind: 'host/login-refused', known: expect.stringContaining('nothing was sent') });
      expect(failure.next).toContain('passphrase');
      expect(JSON.stringify(failure)).not.toContain('barley');
    });
  });

  test.each([
    ['a key that is none', { privateKey: Buffer.from('no key') }],
    ['an agent that is not there', { agent: '/nowhere/agent.sock' }],
    ['no agent at all', { agent: '' }],
  ])('with %s is refused, and says so', async (_, key) => {
    expect(await failureOf(connect({ ...sshd.destination(), key }))).toMatchObject({ kind: 'host/login-refused' });
  });
});

describe('a host that is not there', () => {
  const silent = async (greeting: string): Promise<Server> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (greeting) socket.write(greeting);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  };

  test.each([
    ['its name does not resolve', { address: 'no-such-host.invalid' }],
    ['nothing listens', { port: 1 }],
  ])('is unreachable: %s', async (known, where) => {
    const failure = await failureOf(connect({ ...sshd.destination(), ...where }));
    expect(failure).toMatchObject({ kind: 'host/unreachable', known: expect.stringContaining(known) });
  });

  test.each([
    ['says nothing', ''],
    ['stops after its name', 'SSH-2.0-Slow\r\n'],
    ['talks about something else', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('is given up within the time limit where it accepts, but %s', async (_, greeting) => {
    const server = await silent(greeting);
    const began = performance.now();
    const { port } = server.address() as AddressInfo;
    const failure = await failureOf(connect({ ...sshd.destination(), port }, { readyTimeout: 1500 }));
    expect(failure.kind).toBe('host/unreachable');
    expect(performance.now() - began).toBeLessThan(30_000);
    server.close();
  });

  test('is unreachable where it offers weak algorithms alone, unless the inventory lets in the very ones', async () => {
    const weak = await startSshd({
      configuration: ['Ciphers aes128-cbc', 'MACs hmac-sha1', 'KexAlgorithms diffie-hellman-group14-sha1'],
    });
    onTestFinished(weak.stop);
    const disagreed = { kind: 'host/unreachable', known: expect.stringContaining('could not agree') };
    const needed = ['diffie-hellman-group14-sha1', 'aes128-cbc', 'hmac-sha1'] as const;
    for (const weakAlgorithms of [[], needed.slice(1), needed.slice(0, 2), ['aes256-cbc', '3des-cbc'] as const])
      expect(await failureOf(connect({ ...weak.destination(), weakAlgorithms }))).toMatchObject(disagreed);
    const client = await connect({ ...weak.destination(), weakAlgorithms: needed });
    client.end();
  });

  test('that signs with SHA-1 alone is unreachable, unless the inventory lets that in', async () => {
    const old = await startSshd({ configuration: ['HostKeyAlgorithms ssh-rsa'] });
    onTestFinished(old.stop);
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', join(old.folder, 'rsa')]);
    await old.restart([`HostKey ${join(old.folder, 'rsa')}`]);
    const hostKeys = [readFileSync(join(old.folder, 'rsa.pub'), 'utf8')];
    const failure = await failureOf(connect({ ...old.destination(), hostKeys }));
    expect(failure).toMatchObject({ kind: 'host/unreachable' });
    const client = await connect({ ...old.destination(), hostKeys, weakAlgorithms: ['ssh-rsa'] });
    client.end();
    const place = { host: 'old', address: '127.0.0.1', port: old.port };
    expect((await scanHostKeys(place)).keys).toEqual([]);
    expect((await scanHostKeys({ ...place, weakAlgorithms: ['ssh-rsa'] })).keys).toHaveLength(1);
  });
});

test('thirty connects at once to a server that drops all beyond three succeed', async () => {
  const busy = await startSshd({ configuration: ['MaxStartups 3:100:3'] });
  onTestFinished(busy.stop);
  const clients = await Promise.all(Array.from({ length: 30 }, async () => connect(busy.destination())));
  expect(clients).toHaveLength(30);
  expect(busy.log()).toMatch(/drop connection|MaxStartups/);
  for (const client of clients) client.end();
});

test('forty connects at once to a server that drops beyond ten, by chance, as it does where nothing is set: it drops none', async () => {
  const usual = await startSshd();
  onTestFinished(usual.stop);
  const told = execFileSync('/usr/sbin/sshd', ['-T', '-f', join(usual.folder, 'config')], { encoding: 'utf8' });
  expect(told).toMatch(/^maxstartups 10:30:100$/m);
  const clients = await Promise.all(Array.from({ length: 40 }, async () => connect(usual.destination())));
  expect(clients).toHaveLength(40);
  expect(usual.log().match(/Accepted publickey/g)).toHaveLength(40);
  expect(usual.log()).not.toMatch(/drop connection|MaxStartups/i);
  for (const client of clients) client.end();
});
