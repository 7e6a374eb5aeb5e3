import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { expect } from 'vitest';
import type { Lab } from '../../lab/lab.js';

/** The cluster's public name in these tests. */
export const publicName = 'login.lab.test';

/** Where a host of the lab finds a container's files. */
export const container = (version: string): string => `/opt/gluu-server-${version}`;

/** A web client on one host, which takes that host for the whole cluster and trusts its certificate alone. */
export interface GluuClient {
  /** The status and the body of an answer, and where a redirection leads. */
  get(url: string, ...words: string[]): Promise<{ status: number; location: string; body: string }>;
}

export function clientOn(lab: Lab, host: string, version: string): GluuClient {
  const trust = ['--cacert', `${container(version)}/etc/certs/httpd.crt`];
  const names = ['--resolve', `${publicName}:443:${lab.host(host).address}`];
  const format = '\n%{http_code} %{redirect_url}';
  return {
    get: async (url, ...words) => {
      const argv = ['curl', '-sS', '--max-time', '20', ...trust, ...names, '-w', format, ...words, url];
      const { stdout, stderr } = await lab.exec(host, argv);
      const at = stdout.lastIndexOf('\n');
      const [status = '', location = ''] = stdout.slice(at + 1).split(' ');
      expect(stderr).toBe('');
      return { status: Number(status), location, body: stdout.slice(0, at) };
    },
  };
}

/** The settings that setup.py has left on a host. */
export async function settingsOf(lab: Lab, host: string, version: string): Promise<Readonly<Record<string, string>>> {
  const file = `${container(version)}/install/community-edition-setup/setup.properties.last`;
  const { stdout } = await lab.exec(host, ['cat', file]);
  const lines = stdout.split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

type Settings = Readonly<Record<string, string>>;

const redirect = `https://${publicName}/identity/authentication/getauthcode`;

/** Asks one service for a code in a person's name; empty where it gives none. */
export async function codeFrom(client: GluuClient, base: string, settings: Settings, user: string): Promise<string> {
  const query = { client_id: settings.oxauth_client_id ?? '', redirect_uri: redirect, scope: 'openid', state: 'a' };
  const words = Object.entries({ ...query, response_type: 'code', nonce: 'n' });
  const { status, location } = await client.get(
    `${base}/oxauth/restv1/authorize`,
    '-u',
    user,
    '-G',
    ...words.flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]),
  );
  expect(status).toBe(302);
  return new URL(location).searchParams.get('code') ?? '';
}

/** Asks one service for the tokens of a code; the answer as it is. */
export async function tokensFrom(
  client: GluuClient,
  base: string,
  settings: Settings,
  code: string,
): Promise<Record<string, string>> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirect };
  const { body } = await client.get(
    `${base}/oxauth/restv1/token`,
    '-u',
    `${settings.oxauth_client_id ?? ''}:${settings.oxauthClient_pw ?? ''}`,
    ...Object.entries(form).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]),
  );
  return JSON.parse(body) as Record<string, string>;
}

/** The claims of a token, where one of the published keys has signed it. */
export function claimsOf(token: string, published: string): Record<string, unknown> | undefined {
  const [head = '', body = '', signature = ''] = token.split('.');
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
  const { keys } = JSON.parse(published) as { keys: (JsonWebKey & { kid: string })[] };
  const found = keys.find((each) => each.kid === kid);
  if (!found) return undefined;
  const key = createPublicKey({ key: found, format: 'jwk' });
  const right = verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  return right ? (JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>) : undefined;
}
