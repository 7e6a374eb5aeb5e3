import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a known_hosts file says of one server. */
export interface KnownKeys {
  /** `type base64`, those that Belay can pin. */
  readonly keys: readonly string[];
  /** Keys that must not be accepted whatever else is said. */
  readonly revoked: readonly string[];
  /** What was passed over: certificate authorities, and types of keys that Belay does not use. */
  readonly unusable: readonly string[];
}

const usable = /^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa)$/;
const marked = /^(@cert-authority|@revoked)[ \t]+/;

/** Reads known_hosts as ssh does: lists of patterns, `!` before those that exclude, hashed names, ports, markers. */
export function knownKeys(text: string, address: string, port: number): KnownKeys {
  const name = port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
  const found = { keys: new Set<string>(), revoked: new Set<string>(), unusable: new Set<string>() };
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const marker = marked.exec(line.trimStart())?.[1];
    const [names = '', type = '', base64 = ''] = line
      .trimStart()
      .replace(marked, '')
      .split(/[ \t]+/);
    if (base64 === '' || !matches(names, name)) continue;
    if (marker === '@revoked') found.revoked.add(`${type} ${base64}`);
    else if (marker === '@cert-authority') found.unusable.add(`a certificate authority (${type})`);
    else if (!usable.test(type)) found.unusable.add(`a key of type ${type}`);
    else found.keys.add(`${type} ${base64}`);
  }
  const revoked = [...found.revoked];
  return { keys: [...found.keys].filter((key) => !revoked.includes(key)), revoked, unusable: [...found.unusable] };
}

function matches(names: string, name: string): boolean {
  if (names.startsWith('|1|')) return hashed(names, name);
  const patterns = names.toLowerCase().split(',');
  const fits = (pattern: string): boolean => patternOf(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}

/** `|1|SALT|HMAC-SHA1 of the name`, so that a stolen file does not name hosts. */
function hashed(names: string, name: string): boolean {
  const [, , salt = '', hash = ''] = names.split('|');
  const kept = Buffer.from(hash, 'base64');
  const made = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return kept.length === made.length && timingSafeEqual(kept, made);
}

/** `*` stands for any text, `?` for one character. */
function patternOf(pattern: string): RegExp {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
