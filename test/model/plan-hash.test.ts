// cspell:ignore unask
import { describe, expect, it } from 'vitest';
import { compileWith } from '../../model/compile/compile.js';
import { planHash } from '../../model/compile/hash.js';
import type { Plan } from '../../model/plan.js';
import { fakeKinds, put } from './fake-kinds.js';
import { inventoryText, planOf, sha256, source, type Written } from './planning.js';

const runbook = `
runbook: test
about: A test
groups: { cache: { max: 1 }, nodes: {} }
parameters:
  port: { type: port, default: 16379 }
  unused: { type: text, default: x }
secrets:
  password: { generate: { length: 32 } }
  authority: { certificate_authority: { name: Test } }
  token: {}
phases:
  - phase: First
    hosts: nodes
    serial: 1
    max_failures: 0
    on_failure: pause
    approval: { ask: Go on?, groups: [operators], votes: 1, timeout: 2h, on_timeout: stop }
    steps:
      - id: conf
        step: The file is there
        when: host.os == "debian"
        put: { path: /etc/conf, content: "port \${{ param.port }} \${{ secret.password }}" }
        retry: { attempts: 3, interval: 1s, backoff: 2, cap: 60s }
        timeout: 30s
        repeatable: true
      - id: source
        step: The other file is there
        put: { path: /etc/other, source: other.conf }
      - id: ask
        step: It answers
        run: [ask, "\${{ host.address }}"]
        environment: { TOKEN: "\${{ secret.token }}" }
        register: { out: { from: stdout, trim: true, type: text } }
        assert: steps.ask.out == "yes"
        undo: { steps: [{ id: unask, step: It is forgotten, run: [unask] }] }
      - id: restart
        step: It runs
        daemon: { name: redis, restart_after: [conf] }
      - id: last
        step: It was said
        run: [tell]
        undo: none
        because: it was heard
`;

const written: Written = {
  runbook,
  beside: { 'other.conf': 'one\n', 'unread.txt': 'a' },
  secrets: { login: 1, token: 4 },
};
const hashOf = (changed: Partial<Written>): string => planHash(planOf({ ...written, ...changed }), sha256);
const inRunbook = (from: string, to: string): Partial<Written> => {
  expect(runbook).toContain(from);
  return { runbook: runbook.replace(from, to) };
};
const inInventory = (from: string, to: string): Partial<Written> => {
  expect(inventoryText).toContain(from);
  return { inventory: inventoryText.replace(from, to) };
};

const original = hashOf({});

const passphrase = '192.0.2.2, key: { secret: login, passphrase: token }';

describe('the hash of a plan', () => {
  it('is the same for the same inputs, whatever the order of their keys', () => {
    expect(hashOf({})).toBe(original);
    expect(original).toMatch(/^[0-9a-f]{64}$/);
    const inventory = inventoryText.replace('port: 6379, list: [a, b]', 'list: [a, b], port: 6379');
    expect(hashOf({ inventory })).toBe(original);
  });

  it('is the same where only comments, layout or files that no step reads differ', () => {
    expect(hashOf({ runbook: `# A comment\n${runbook.replace('about: A test', 'about:   "A test"')}` })).toBe(original);
    expect(hashOf({ beside: { 'other.conf': 'one\n', 'unread.txt': 'b' } })).toBe(original);
    expect(hashOf({ inputs: { port: 16379 } })).toBe(original);
  });

  const changes: readonly (readonly [what: string, changed: () => Partial<Written>])[] = [
    ['the name of the runbook', () => inRunbook('runbook: test', 'runbook: tests')],
    ['what it is about', () => inRunbook('about: A test', 'about: Another test')],
    ['an argument', () => inRunbook('/etc/conf', '/etc/conf2')],
    ['a constant piece of a content', () => inRunbook('content: "port', 'content: "Port')],
    ['an expression that is left in', () => inRunbook('secret.password }}', 'secret.token }}')],
    ['a file beside the runbook', () => ({ beside: { 'other.conf': 'two\n' } })],
    ['an environment value', () => inRunbook('TOKEN: "${{ secret.token }}"', 'TOKEN: "x"')],
    ['a parameter', () => ({ inputs: { port: 16380 } })],
    ['a parameter that no step uses', () => ({ inputs: { unused: 'y' } })],
    ['a condition', () => inRunbook('host.os == "debian"', 'host.os == "ubuntu"')],
    ['the name of a step', () => inRunbook('The file is there', 'The file is here')],
    ['the id of a step', () => inRunbook('id: last', 'id: latest')],
    ['attempts', () => inRunbook('attempts: 3', 'attempts: 4')],
    ['an interval', () => inRunbook('interval: 1s', 'interval: 2s')],
    ['a backoff', () => inRunbook('backoff: 2', 'backoff: 3')],
    ['a cap', () => inRunbook('cap: 60s', 'cap: 61s')],
    ['a time limit', () => inRunbook('timeout: 30s', 'timeout: 31s')],
    ['repeatable', () => inRunbook('repeatable: true', 'repeatable: false')],
    ['what is registered', () => inRunbook('from: stdout', 'from: stderr')],
    ['an assertion', () => inRunbook('== "yes"', '== "no"')],
    ['a step that undoes', () => inRunbook('run: [unask]', 'run: [unasked]')],
    ['why there is no undo', () => inRunbook('it was heard', 'it was seen')],
    ['an owed restart', () => inRunbook('restart_after: [conf]', 'restart_after: [source]')],
    ['a service', () => inRunbook('name: redis', 'name: nginx')],
    ['the order of steps', () => inRunbook('restart_after: [conf]', 'restart_after: [conf, source]')],
    ['the name of a phase', () => inRunbook('phase: First', 'phase: Second')],
    ['waves', () => inRunbook('serial: 1', 'serial: 2')],
    ['which hosts', () => inRunbook('hosts: nodes', 'hosts: nodes[0]')],
    ['failures that are borne', () => inRunbook('max_failures: 0', 'max_failures: 1')],
    ['what a failure leads to', () => inRunbook('on_failure: pause', 'on_failure: undo')],
    ['the question of an approval', () => inRunbook('ask: Go on?', 'ask: Go on now?')],
    ['who approves', () => inRunbook('groups: [operators]', 'groups: [admins]')],
    ['how many approve', () => inRunbook('votes: 1', 'votes: 2')],
    ['how long an approval waits', () => inRunbook('timeout: 2h', 'timeout: 3h')],
    ['what its end leads to', () => inRunbook('on_timeout: stop', 'on_timeout: undo')],
    [
      'no approval',
      () =>
        inRunbook('    approval: { ask: Go on?, groups: [operators], votes: 1, timeout: 2h, on_timeout: stop }\n', ''),
    ],
    ['a generated secret', () => inRunbook('length: 32', 'length: 33')],
    ['a certificate authority', () => inRunbook('name: Test', 'name: Tests')],
    ['the version of a stored secret', () => ({ secrets: { login: 1, token: 5 } })],
    ['the version of a login key', () => ({ secrets: { login: 2, token: 4 } })],
    ['an address', () => inInventory('192.0.2.2', '192.0.2.22')],
    ['a port', () => inInventory('address: 192.0.2.2,', 'address: 192.0.2.2, port: 2222,')],
    ['a login', () => inInventory('address: 192.0.2.2,', 'address: 192.0.2.2, user: admin,')],
    ['a pinned host key', () => inInventory('b'.repeat(44), 'd'.repeat(44))],
    ['a login by agent', () => inInventory('key: { agent: true }', 'key: { secret: login }')],
    ['sudo', () => inInventory('address: 192.0.2.2,', 'address: 192.0.2.2, sudo: true,')],
    ['a weak algorithm', () => inInventory('address: 192.0.2.2,', 'address: 192.0.2.2, weak_algorithms: [hmac-sha1],')],
    ['a passphrase', () => inInventory('192.0.2.2, key: { secret: login }', passphrase)],
    ['a host on the way', () => inInventory('address: 192.0.2.2,', 'address: 192.0.2.2, jump: cache,')],
    ['a host value', () => inInventory('site: east', 'site: north')],
    ['a value of a group', () => inInventory('site: west', 'site: south')],
    ['the hosts of a group', () => inInventory('hosts: [node1, node2]', 'hosts: [node2, node1]')],
    ['the machine behind a host', () => inInventory('address: 192.0.2.3,', 'address: 192.0.2.3, machine: m,')],
    ['the hosts of a group that is only named', () => inInventory('cache: [cache]', 'cache: []')],
  ];
  it.each(changes)('changes with %s', (_what, changed) => {
    expect(hashOf(changed())).not.toBe(original);
  });

  it('changes with what a host on the way is known by, and with the version of a passphrase', () => {
    const jump = inInventory('address: 192.0.2.2,', 'address: 192.0.2.2, jump: cache,').inventory ?? '';
    const opened = inventoryText.replace('192.0.2.2, key: { secret: login }', passphrase);
    const hashes = [
      { inventory: jump },
      { inventory: jump.replace('a'.repeat(44), 'd'.repeat(44)) },
      { inventory: jump.replace('address: 192.0.2.1,', 'address: 192.0.2.1, user: hopper,') },
      { inventory: opened },
      { inventory: opened, secrets: { login: 1, token: 5 } },
    ].map(hashOf);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('changes with the text of a script', () => {
    const other = fakeKinds.map((kind) =>
      kind === put
        ? {
            ...put,
            compile: (...args: Parameters<typeof put.compile>) => ({
              ...put.compile(...args),
              undo: { text: 'true\n' },
            }),
          }
        : kind,
    );
    const { plan } = compileWith(other as typeof fakeKinds, source(written));
    expect(plan && planHash(plan, sha256)).not.toBe(original);
  });

  it('changes with every single value of the plan, the version of the compiler among them', () => {
    const plan = planOf(written);
    const seen = new Set([planHash(plan, sha256)]);
    const paths = leaves(plan);
    for (const path of paths) seen.add(planHash(changedAt(plan, path) as Plan, sha256));
    expect(paths).toContainEqual(['compiler']);
    expect(seen.size).toBe(paths.length + 1);
  });
});

function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

function changedAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return `${String(value)} changed`;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === name ? changedAt(item, rest) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([key, item]) => [
      key,
      key === name ? changedAt(item, rest) : (item as unknown),
    ]),
  );
}
