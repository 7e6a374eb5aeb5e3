import { isIP } from 'node:net';
import { Failed, type FailureKind } from '../../model/failure.js';
import type { LdapServer } from '../../model/operation.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import type { Text } from '../../model/value.js';

/** Which entry, on which server, as whom. Holds a password: never print it. */
export interface Target {
  /** `ldaps://host:port`. */
  readonly url: string;
  readonly host: string;
  /** Where to connect; where the host's name leads where absent. */
  readonly address?: string;
  readonly authority: string;
  readonly dn: string;
  readonly password: string;
  readonly entry: string;
}

/** What the library would take for the name of a SASL mechanism instead of a DN. */
const notNames = ['EXTERNAL', 'PLAIN', 'DIGEST-MD5', 'SCRAM-SHA-1'];

/**
 * The operation's target with its values filled in, refused where it could mean something other than it says: a
 * connection without TLS, an authority that is none (the system's would then be taken), a login without a password
 * (servers answer it with success, as nobody).
 *
 * @throws Failed `step/value-unusable`
 */
export function targetOf(operation: LdapServer & { readonly entry: Text }, values: AwayValues): Target {
  const fill = (text: Text): string => values.fill(text).value;
  const url = urlOf(fill(operation.url));
  const address = operation.address === undefined ? undefined : fill(operation.address);
  if (address !== undefined && isIP(address) === 0) throw unusable('its address is no IP address');
  const target: Target = {
    ...(address !== undefined && { address }),
    url: url.href.replace(/\/$/, ''),
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    authority: fill(operation.authority),
    dn: fill(operation.bind.dn),
    password: fill(operation.bind.password),
    entry: fill(operation.entry),
  };
  const wrong = problemOf(target);
  if (wrong !== undefined) throw unusable(wrong);
  return target;
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (!url || url.protocol !== 'ldaps:' || url.hostname === '')
    throw unusable('its url is not `ldaps://host` or `ldaps://host:port`');
  if (
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    !['', '/'].includes(url.pathname)
  ) {
    throw unusable('its url says more than `ldaps://host:port`');
  }
  return url;
}

function problemOf({ authority, dn, password, entry }: Target): string | undefined {
  if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(authority))
    return 'its authority is no certificate in PEM';
  if (password === '') return 'its bind password is empty, which servers take for a login as nobody';
  if (notNames.includes(dn.toUpperCase()) || !isName(dn)) return 'its bind dn is no distinguished name';
  if (!isName(entry)) return 'its entry is no distinguished name';
  return undefined;
}

/** Whether a text begins like a distinguished name; the server judges the rest. */
function isName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.-]*\s*=/.test(text) && !text.includes('\0');
}

/** What a certificate of the server must be for; undefined for an address, which is compared as it is. */
export function serverNameOf(target: Target): string | undefined {
  return isIP(target.host) === 0 ? target.host : undefined;
}

function unusable(known: string): Failed {
  return failed(
    'step/value-unusable',
    'to prepare a change in a directory',
    known,
    'correct the runbook or its inputs, and plan again',
  );
}

export function failed(kind: FailureKind, tried: string, known: string, next: string, cause?: unknown): Failed {
  return new Failed({ kind, tried, known, next }, { cause });
}
