// cspell:words subschema subschemasubentry supportedcontrol
import { Client, type Entry } from 'ldapts';
import { filterOf, type Where } from './filter.js';
import { attributeKey, readName } from '../../model/directory-name.js';
import { AssertionControl, assertionType } from './assertion.js';
import { dialOnce } from './dial.js';
import type { Equal, Present } from './entry-state.js';
import type { LdapNeeds } from './needs.js';
import { hidden, unwritable } from './operational.js';
import type { Request } from './request.js';
import {
  failureOfLooking,
  isNoEntry,
  isWithoutControl,
  isWithoutRule,
  notCompared,
  sentOf,
  type Sent,
} from './result-codes.js';
import type { Target } from './target.js';

type Limits = LdapNeeds['limits'];

/** One login on one connection. After its first error it is of no use, and it never dials again. */
export interface Directory {
  /**
   * What is there now, in one reading.
   *
   * @param names - attributes; all that a client may write where absent
   * @throws Failed with an `ldap/…` kind
   */
  read(names?: readonly string[]): Promise<Present>;
  /** The entries that have what is asked for; none where the target's entry is not there. */
  search(asked: Asked): Promise<Found[]>;
  /** All that the server's schema defines. */
  definitions(): Promise<readonly Buffer[]>;
  /** The entry below another one that slapd has named with a number in braces; undefined where there is none. */
  numbered(name: string, below: string): Promise<string | undefined>;
  /** Whether the server takes one of the attribute's values for equal; undefined where it has no rule, or may not say. */
  readonly equal: Equal;
  /** Sends one request, asserting the change number where there is one. */
  send(request: Request, change?: string): Promise<Sent>;
  close(): Promise<void>;
}

/** What is searched for, from the target's entry on. */
export interface Asked {
  readonly scope: 'entry' | 'one' | 'subtree';
  readonly where: Where;
  readonly attributes: readonly string[];
}

/** One entry that was found. */
export interface Found {
  readonly dn: string;
  readonly values: ReadonlyMap<string, readonly Buffer[]>;
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
    read: async (names) => looking(async () => present(client, target, names)),
    search: async (asked) => looking(async () => search(client, target, asked)),
    definitions: async () => looking(async () => definitions(client)),
    numbered: async (name, below) => looking(async () => numbered(client, name, below)),
    equal: async (name, value) => looking(async () => compared(client, target, name, value)),
    send: async (request, change) => send(client, target, request, change),
    close: async () => {
      await client.unbind().catch(() => undefined);
      line.drop();
    },
  };
}

/** The library decodes as text what is not on a list of names as the server spells them; here nothing is text. */
class EveryName extends Array<string> {
  override includes(): boolean {
    return true;
  }
}

const nowhere: Present = { entry: false, values: new Map(), names: new Map() };

async function present(client: Client, target: Target, names: readonly string[] = ['*', ...hidden]): Promise<Present> {
  try {
    const { searchEntries } = await client.search(target.entry, {
      scope: 'base',
      derefAliases: 'never',
      attributes: [...names, changeNumber],
      explicitBufferAttributes: new EveryName(),
    });
    const [entry] = searchEntries;
    if (!entry) return nowhere;
    const values = valuesOf(entry);
    const change = values.get(attributeKey(changeNumber))?.[0]?.toString('utf8');
    values.delete(attributeKey(changeNumber));
    for (const name of await computed(client, values, names)) values.delete(name);
    const asserting = change !== undefined && (await canAssert(client));
    return { entry: true, values, names: namesOf(entry), ...(asserting ? { change } : {}) };
  } catch (error) {
    if (isNoEntry(error)) return nowhere;
    throw error;
  }
}

/** In pages, for servers give no more than so many entries at once. */
async function search(client: Client, { entry }: Target, { scope, where, attributes }: Asked): Promise<Found[]> {
  try {
    const { searchEntries } = await client.search(entry, {
      scope: scope === 'entry' ? 'base' : scope === 'one' ? 'one' : 'sub',
      derefAliases: 'never',
      filter: filterOf(where),
      attributes: [...attributes],
      explicitBufferAttributes: new EveryName(),
      ...(scope !== 'entry' && { paged: { pageSize: 500 } }),
    });
    return searchEntries.map((one) => ({ dn: one.dn, values: valuesOf(one) }));
  } catch (error) {
    if (isNoEntry(error)) return [];
    throw error;
  }
}

/** Of what was read, what this server makes up itself; its schema is read only where there is some doubt. */
async function computed(
  client: Client,
  values: ReadonlyMap<string, unknown>,
  names: readonly string[],
): Promise<readonly string[]> {
  const doubtful = hidden.map(attributeKey).filter((name) => names.includes('*') && values.has(name));
  return doubtful.length === 0 ? [] : unwritable(doubtful, await definitions(client));
}

function namesOf({ dn: _dn, ...attributes }: Entry): Map<string, string> {
  return new Map(Object.keys(attributes).map((name) => [attributeKey(name), name]));
}

/** Servers may spell an attribute's name in other letter cases, and the library gives one value without a list. */
function valuesOf({ dn: _dn, ...attributes }: Entry): Map<string, readonly Buffer[]> {
  const values = new Map<string, readonly Buffer[]>();
  for (const [name, value] of Object.entries(attributes)) {
    const list = (Array.isArray(value) ? value : [value]) as readonly (Buffer | string)[];
    if (!list.every((one) => Buffer.isBuffer(one))) throw new Error('the library decoded a value');
    values.set(attributeKey(name), [...(values.get(attributeKey(name)) ?? []), ...list]);
  }
  return values;
}

async function definitions(client: Client): Promise<Buffer[]> {
  const ask = { scope: 'base' as const, explicitBufferAttributes: new EveryName() };
  const root = await client.search('', { ...ask, attributes: ['subschemaSubentry'] });
  const [place] = root.searchEntries.flatMap((entry) => valuesOf(entry).get('subschemasubentry') ?? []);
  if (!place) return [];
  const attributes = ['attributeTypes', 'objectClasses'];
  const { searchEntries } = await client.search(place.toString('utf8'), { ...ask, attributes });
  return searchEntries.flatMap((entry) => [...valuesOf(entry).values()].flat());
}

async function numbered(client: Client, name: string, below: string): Promise<string | undefined> {
  const { searchEntries } = await client.search(below, { scope: 'one', attributes: ['1.1'] });
  const wanted = name.toLowerCase();
  return searchEntries.find(
    ({ dn }) =>
      readName(dn)?.[0]?.[0]
        ?.value.replace(/^\{\d+\}/, '')
        .toLowerCase() === wanted,
  )?.dn;
}

/** The library sends text alone, so bytes that are none are compared by nobody. */
async function compared(client: Client, target: Target, name: string, value: Buffer): Promise<boolean | undefined> {
  const text = value.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(value)) return undefined;
  try {
    return await client.compare(target.entry, name, text);
  } catch (error) {
    return notCompared(error);
  }
}

async function canAssert(client: Client): Promise<boolean> {
  const { searchEntries } = await client.search('', {
    scope: 'base',
    attributes: ['supportedControl'],
    explicitBufferAttributes: new EveryName(),
  });
  const [root] = searchEntries;
  const controls = root === undefined ? [] : (valuesOf(root).get('supportedcontrol') ?? []);
  return controls.some((control) => control.toString() === assertionType);
}

/** Deleting exact old values asserts them on every server; the change number also sees what was changed back. */
async function send(client: Client, target: Target, request: Request, change?: string): Promise<Sent> {
  const { entry } = target;
  const controls = change === undefined ? [] : [new AssertionControl(changeNumber, change)];
  try {
    if (request.how === 'add') await client.add(entry, request.attributes);
    else if (request.how === 'delete') await client.del(entry, controls);
    else await client.modify(entry, request.changes, controls);
    return { how: 'accepted' };
  } catch (error) {
    const sent = sentOf(error, request);
    // A part of the tree, such as slapd's own configuration, may not know a control that the server knows.
    if (change !== undefined && isWithoutControl(sent)) return send(client, target, request);
    if (request.how !== 'modify' || change === undefined || !isWithoutRule(sent)) return sent;
    return send(client, target, { ...request, changes: request.replacing, replacing: [] }, change);
  }
}
