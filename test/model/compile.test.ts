import { describe, expect, it } from 'vitest';
import { stepSources, planScope } from '../../model/expression/plan-scope.js';
import type { HostOperation } from '../../model/operation.js';
import type { PlannedStep } from '../../model/plan.js';
import { foundIn, inventoryText, onePhase, planOf } from './planning.js';

const steps = (written: string, hosts?: string, inputs?: Record<string, unknown>): readonly PlannedStep[] =>
  planOf({ runbook: onePhase(written, hosts), secrets: { login: 1, token: 4 }, ...(inputs && { inputs }) }).phases[0]
    ?.steps ?? [];
const found = (written: string, hosts?: string): string[] =>
  foundIn({ runbook: onePhase(written, hosts), secrets: { login: 1, token: 4 } }).map((line) =>
    line.replace(/^.*?yaml:\d+:\d+: /, ''),
  );
const doOf = (step: PlannedStep | undefined, index = 0): HostOperation['do'] =>
  (step?.operations[index] as HostOperation).do;

describe('an expression in a plan', () => {
  it('is filled in where the plan can know it, and keeps its type', () => {
    const [step] = steps(
      '- { id: a, step: x, put: { path: "/srv/${{ param.name }}-${{ param.port }}", content: "${{ param.name }}", copies: "${{ param.count + 1 }}" } }',
    );
    expect(doOf(step).arguments).toEqual(['/srv/redis-16379']);
    expect(doOf(step).stdin).toBe('redis');
  });

  it('may be a whole list', () => {
    const [step] = steps('- { id: a, step: x, run: "${{ groups.cache[0].list }}", read_only: true }');
    expect(doOf(step).arguments).toEqual(['a', 'b']);
  });

  it('stays a hole where only the run or the worker can know it', () => {
    const [, step] = steps(
      [
        '- { id: a, step: x, run: [id], register: { out: { from: stdout } }, read_only: true }',
        '- { id: b, step: x, put: { path: /a, content: "${{ param.name }} ${{ host.os }} ${{ steps.a.out }} ${{ secret.password }} ${{ param.port }}" } }',
      ].join('\n'),
    );
    expect(doOf(step).stdin).toEqual({
      template: [
        'redis ',
        { expression: 'host.os', sees: 'run' },
        ' ',
        { expression: 'steps.a.out', sees: 'run' },
        ' ',
        { expression: 'secret.password', sees: 'secret' },
        ' 16379',
      ],
    });
  });

  it('is not read again in the value that it gave', () => {
    const [step] = steps('- { id: a, step: x, put: { path: /a, content: "${{ param.name }}" } }', 'nodes', {
      name: '${{ secret.password }}',
    });
    expect(doOf(step).stdin).toBe('${{ secret.password }}');
  });

  it('is resolved for each host; hosts that do the same share an operation', () => {
    const [step] = steps('- { id: a, step: x, run: [echo, "${{ host.site }}"], read_only: true }', 'all:!cache');
    expect(step?.operations).toHaveLength(2);
    expect(step?.tasks).toEqual({ node1: 0, node2: 1 });
    const [same] = steps('- { id: a, step: x, run: [echo], read_only: true }');
    expect([same?.operations.length, same?.tasks]).toEqual([1, { node1: 0, node2: 0 }]);
  });

  const wrong: readonly (readonly [what: string, step: string, expected: string])[] = [
    [
      'a host value that one host lacks',
      'run: [echo, "${{ host.list }}"], read_only: true',
      'on node1, host.list has no value: there is no list; look at what it names, in parameters and inventory',
    ],
    [
      'a host that is not there',
      'run: [echo, "${{ groups.cache[1].address }}"], read_only: true',
      'on node1, groups.cache[1].address has no value: No such key: index out of bounds, index 1 >= size 1; look at what it names, in parameters and inventory',
    ],
    [
      'a list inside a text',
      'run: [echo, "a ${{ groups.cache[0].list }}"], read_only: true',
      'on node1, a list cannot be a piece of a text; use join(), or string()',
    ],
    [
      'a number where a kind wants a whole one',
      'put: { path: /a, copies: "${{ param.name }}" }',
      'this must be a number',
    ],
    [
      'a value of the run where the plan must know it',
      'put: { path: /a, copies: "${{ host.os }}" }',
      'this must be known when the plan is made: host.os (it is known only in the run); use a constant, a parameter or a host value',
    ],
    [
      'a file that is not there',
      'put: { path: /a, source: missing.conf }',
      'there is no such file beside the runbook; add it',
    ],
    [
      'a file elsewhere',
      'put: { path: /a, source: ../inventory.yaml }',
      'there is no such file beside the runbook; add it',
    ],
  ];
  it.each(wrong)('is told where it gives %s', (_what, step, expected) => {
    expect(found(`- { id: a, step: x, ${step} }`)).toContain(expected);
  });
});

describe('a file beside a runbook', () => {
  const reads = (name: string): string[] => {
    const runbook = onePhase(`- { id: a, step: x, put: { path: /a, source: ${JSON.stringify(name)} } }`);
    const beside = {
      'a.conf': 'x',
      'in/a.conf': 'x',
      '../a.conf': 'x',
      'in/../a.conf': 'x',
      '/a.conf': 'x',
      'in\\a.conf': 'x',
    };
    return foundIn({ runbook, beside, secrets: { login: 1, token: 1 } });
  };

  it.each(['a.conf', './a.conf', 'in/a.conf'])('is read as %s', (name) => {
    expect(reads(name)).toEqual([]);
  });

  it.each(['../a.conf', 'in/../a.conf', '/a.conf', 'in\\a.conf', 'in//a.conf', 'in/./a.conf'])(
    'is not read as %s',
    (name) => {
      expect(reads(name)).toHaveLength(1);
    },
  );
});

describe('a condition', () => {
  it('that the plan can decide leaves hosts out', () => {
    const [step] = steps('- { id: a, step: x, when: host.site == "east", run: [id], read_only: true }');
    expect([step?.when, step?.tasks]).toEqual(['host.site == "east"', { node1: 0 }]);
  });

  it('spares the arguments of hosts that it leaves out', () => {
    const [step] = steps(
      '- { id: a, step: x, when: has(host.list), run: [echo, "${{ host.list[0] }}"], read_only: true }',
      'all',
    );
    expect(step?.tasks).toEqual({ cache: 0 });
  });

  it('that only the run can decide stays with every host', () => {
    const [step] = steps('- { id: a, step: x, when: host.os == "debian", run: [id], read_only: true }');
    expect(step?.tasks).toEqual({ node1: 0, node2: 0 });
  });
});

describe('going back', () => {
  it('is what the kind knows, unless the author says otherwise', () => {
    const planned = steps(
      [
        '- { id: a, step: x, put: { path: /a } }',
        '- { id: b, step: x, put: { path: /a }, undo: { steps: [{ id: b_undo, step: y, run: [rm, "${{ host.name }}"] }] } }',
        '- { id: c, step: x, run: [id], undo: none, because: it cannot }',
        '- { id: d, step: x, run: [id], read_only: true }',
        '- { id: e, step: x, say: hello }',
      ].join('\n'),
    );
    expect(planned.map(({ undo }) => undo.how)).toEqual(['restore', 'steps', 'none', 'nothing', 'nothing']);
    expect(planned[2]?.undo).toEqual({ how: 'none', because: 'it cannot' });
    const back = planned[1]?.undo.how === 'steps' ? planned[1].undo.steps[0] : undefined;
    expect([back?.id, back?.tasks, back?.undo]).toEqual(['b_undo', { node1: 0, node2: 1 }, { how: 'nothing' }]);
  });

  it('takes read_only as repeatable, and the author before the kind', () => {
    const planned = steps(
      [
        '- { id: a, step: x, run: [id], read_only: true }',
        '- { id: b, step: x, run: [id], undo: none, because: x }',
        '- { id: c, step: x, put: { path: /a }, repeatable: false }',
      ].join('\n'),
    );
    expect(planned.map(({ repeatable }) => repeatable)).toEqual([true, false, false]);
  });
});

describe('an owed restart', () => {
  it('is kept with the steps after which a service restarts', () => {
    const planned = steps(
      [
        '- { id: a, step: x, put: { path: /a } }',
        '- { id: b, step: x, put: { path: /b } }',
        '- { id: c, step: x, daemon: { name: redis, restart_after: [a] } }',
        '- { id: d, step: x, daemon: { name: proxy, restart_after: [a, b] } }',
      ].join('\n'),
    );
    expect(planned.map(({ owes }) => owes)).toEqual([['proxy', 'redis'], ['proxy'], [], []]);
  });

  it('is refused where the two steps share no host', () => {
    const runbook = `${onePhase('- { id: a, step: x, put: { path: /a } }', 'cache')}  - { phase: Two, hosts: nodes, steps: [{ id: b, step: x, daemon: { name: redis, restart_after: [a] } }] }\n`;
    expect(foundIn({ runbook, secrets: { login: 1, token: 1 } })).toEqual([
      'book/runbook.yaml:18:41: "b" restarts after "a", and they have no host in common; name steps of the same hosts',
    ]);
  });
});

describe('a registered value', () => {
  const registers = (hosts: string): string =>
    onePhase('- { id: a, step: x, run: [id], register: { out: { from: stdout } }, read_only: true }', hosts);
  const uses = '  - { phase: Two, hosts: nodes, steps: [{ id: b, step: x, say: "${{ steps.a.out }}" }] }\n';

  it('is read from the host itself, or from the one host of an earlier phase', () => {
    const plan = planOf({ runbook: registers('cache') + uses, secrets: { login: 1, token: 1 } });
    expect(Object.fromEntries(stepSources(plan, 1, 'node2'))).toEqual({ a: 'cache', b: 'node2' });
    expect(Object.fromEntries(stepSources(plan, 0, 'node2'))).toEqual({});
    const own = planOf({ runbook: registers('all') + uses, secrets: { login: 1, token: 1 } });
    expect(stepSources(own, 1, 'node2').get('a')).toBe('node2');
  });

  it('is refused where several other hosts have one', () => {
    expect(foundIn({ runbook: registers('all:!node2') + uses, secrets: { login: 1, token: 1 } })).toEqual([
      'book/runbook.yaml:18:69: on node2, it is not known whose value of "a" is meant; a step of other hosts can be read from a later phase, and only where one host ran it',
    ]);
  });

  it('has its type in expressions', () => {
    const typed = (rule: string, expression: string): string[] =>
      found(`- { id: a, step: x, run: [id], register: { v: ${rule} }, assert: '${expression}', read_only: true }`);
    expect(typed('{ from: stdout, type: integer }', 'steps.a.v > 3')).toEqual([]);
    expect(typed('{ from: exit }', 'steps.a.v == 0')).toEqual([]);
    expect(typed('{ from: stdout, type: boolean }', 'steps.a.v')).toEqual([]);
    expect(typed('{ from: stdout }', 'steps.a.v > 3')).toEqual([
      'no such overload: string > int; convert with string(), int() or bool() where types differ',
    ]);
    expect(typed('{ from: exit, type: text }', 'true')).toEqual(['an exit code is an integer']);
  });
});

describe('the inputs', () => {
  const wrong: readonly (readonly [inputs: Record<string, unknown>, expected: string])[] = [
    [{ port: 0 }, '/inputs/port: it must be from 1 to 65535'],
    [{ port: '80x' }, '/inputs/port: it must be a whole number'],
    [{ prot: 80 }, '/inputs/prot: the runbook has no such parameter; did you mean "port"?'],
    [{ count: 1.5 }, '/inputs/count: it must be a whole number'],
    [{ name: 5 }, '/inputs/name: it must be text'],
    [{ name: 'a\0b' }, '/inputs/name: it must be at most 65536 characters, without NUL'],
    [{ name: ['a', 'b'] }, '/inputs/name: it must be text'],
    [{ 'a/b~c': 1 }, '/inputs/a~1b~0c: the runbook has no such parameter; known here: count, name, port'],
  ];
  it.each(wrong)('%j are refused, by JSON pointer', (inputs, expected) => {
    expect(
      foundIn({ runbook: onePhase('- { id: a, step: x, say: hello }'), inputs, secrets: { login: 1, token: 1 } }),
    ).toEqual([expected]);
  });

  it('may be texts from a command line', () => {
    expect(
      planOf({
        runbook: onePhase('- { id: a, step: x, say: hello }'),
        inputs: { port: '80', count: '-3' },
        secrets: { login: 1, token: 1 },
      }).inputs,
    ).toEqual({ port: 80, name: 'redis', count: -3 });
  });

  it('are needed where there is no default, unless the parameter may be left out', () => {
    const runbook = onePhase('- { id: a, step: x, say: hello }').replace(
      'parameters:',
      'parameters:\n  must: { type: fqdn, help: The public name }\n  may: { type: fqdn, required: false }',
    );
    expect(foundIn({ runbook, secrets: { login: 1, token: 1 } })).toEqual([
      '/inputs/must: a value is needed; The public name',
    ]);
  });
});

describe('hosts and secrets', () => {
  const say = '- { id: a, step: x, say: hello }';

  it('are pinned: addresses, keys, secret versions', () => {
    const plan = planOf({ runbook: onePhase(say), secrets: { login: 7, token: 4 } });
    expect(plan.secrets).toEqual({ password: { generate: { length: 32 } }, token: { stored: 'token', version: 4 } });
    expect(plan.hosts.node1).toMatchObject({
      address: '192.0.2.2',
      port: 22,
      user: 'root',
      key: { secret: 'login', version: 7 },
      machine: '192.0.2.2:22',
      values: { site: 'east' },
    });
    expect(Object.keys(plan.hosts)).toEqual(['cache', 'node1', 'node2']);
    expect(plan.groups).toEqual({ cache: ['cache'], nodes: ['node1', 'node2'] });
    expect(planScope(plan, 'node2')).toMatchObject({
      host: { name: 'node2', site: 'west' },
      groups: { cache: [{ name: 'cache', address: '192.0.2.1', port: 6379 }] },
    });
  });

  it('must be there', () => {
    expect(foundIn({ runbook: onePhase(say), secrets: {} }).map((line) => line.replace(/:\d+:\d+/, ''))).toEqual([
      'book/runbook.yaml: no secret "token" is stored; belay secret set token',
      'inventory.yaml: no secret "login" is stored; belay secret set login',
    ]);
    const unpinned = inventoryText.replace(/host_keys: \["[^"]*b"\]/, 'host_keys: []');
    expect(foundIn({ runbook: onePhase(say), inventory: unpinned, secrets: { login: 1, token: 1 } })).toEqual([
      'inventory.yaml:4:3: no host key is pinned for "node1", so it cannot be told from another; belay host enrol node1',
    ]);
  });

  it('must be there on the way to a host, too', () => {
    const behind = inventoryText.replace('192.0.2.3,', '192.0.2.3, jump: gate,');
    const gate = '  gate: { address: 192.0.2.9, key: { secret: hop, passphrase: opener } }\n';
    const inventory = behind.replace('groups:', `${gate}groups:`);
    expect(foundIn({ runbook: onePhase(say), inventory, secrets: { login: 1, token: 1 } })).toEqual([
      'inventory.yaml:6:3: no host key is pinned for "gate", so it cannot be told from another; belay host enrol gate',
      'inventory.yaml:6:46: no secret "hop" is stored; belay secret set hop',
      'inventory.yaml:6:63: no secret "opener" is stored; belay secret set opener',
    ]);
  });

  it('need no keys where a host is only named', () => {
    const unpinned = inventoryText.replace(/host_keys: \["[^"]*a"\]/, 'host_keys: []');
    expect(
      planOf({ runbook: onePhase(say), inventory: unpinned, secrets: { login: 1, token: 1 } }).hosts.cache?.hostKeys,
    ).toEqual([]);
  });

  it('may lead to one machine only where that is declared', () => {
    const inventory = inventoryText.replace('192.0.2.3', '192.0.2.2');
    expect(foundIn({ runbook: onePhase(say), inventory, secrets: { login: 1, token: 1 } })).toEqual([
      'inventory.yaml:5:3: "node2" and "node1" lead to one machine, 192.0.2.2:22; use one of the names, or give both the same "machine"',
    ]);
    const declared = inventory.replace(/key: \{ (secret: login|agent: true) \}/g, 'key: { $1 }, machine: m');
    expect(
      planOf({ runbook: onePhase(say, 'nodes'), inventory: declared, secrets: { login: 1, token: 1 } }).hosts.node2
        ?.machine,
    ).toBe('m');
  });

  it('are as many as the runbook needs', () => {
    const runbook = onePhase(say).replace('nodes: {}', 'nodes: { min: 3 }');
    expect(foundIn({ runbook, secrets: { login: 1, token: 1 } })).toEqual([
      'book/runbook.yaml:4:22: the group "nodes" has 2 hosts, and at least 3 must be there; change the inventory',
    ]);
    const helped = onePhase(say).replace('nodes: {}', 'nodes: { max: 1, help: Leave one there }');
    expect(foundIn({ runbook: helped, secrets: { login: 1, token: 1 } })).toEqual([
      'book/runbook.yaml:4:22: the group "nodes" has 2 hosts, and at most 1 must be there; Leave one there',
    ]);
    expect(foundIn({ runbook: onePhase(say, 'nodes:!nodes'), secrets: { login: 1, token: 1 } })).toEqual([
      'book/runbook.yaml:14:12: "nodes:!nodes" stands for no host; change the pattern or the inventory',
    ]);
  });
});

describe('a phase', () => {
  it('takes expressions for its waves, its question and the limits of its steps', () => {
    const more =
      'serial: "${{ param.count - 1 }}"\n    max_failures: "${{ size(groups.nodes) - 1 }}"\n    approval: { ask: "Go on with ${{ size(groups.nodes) }}?", timeout: 2h }';
    const plan = planOf({
      runbook: onePhase(
        '- { id: a, step: x, timeout: "${{ string(param.count) + \'m\' }}", retry: { attempts: "${{ param.count }}" }, say: hello }',
        'nodes',
        more,
      ),
      secrets: { login: 1, token: 1 },
    });
    expect(plan.phases[0]).toMatchObject({
      waves: [['node1'], ['node2']],
      maxFailures: 1,
      approval: { ask: 'Go on with 2?', groups: ['operators'], votes: 1, timeout: 7200, onTimeout: 'stop' },
    });
    expect(plan.phases[0]?.steps[0]).toMatchObject({
      timeout: 120,
      retry: { attempts: 2, interval: 1, backoff: 1, cap: 300 },
    });
  });

  it('is refused where they come to what may not be', () => {
    const runbook = onePhase('- { id: a, step: x, say: hello }', 'nodes', 'serial: "${{ param.count - 2 }}"');
    expect(foundIn({ runbook, secrets: { login: 1, token: 1 } })).toEqual([
      'book/runbook.yaml:15:13: this must be at least 1; serial: Hosts that go together: a number, a share, or a list of them; all where absent',
    ]);
  });

  it('lists what only the run can know', () => {
    const plan = planOf({
      runbook: onePhase(
        [
          '- { id: a, step: x, run: [id], register: { out: { from: stdout } }, read_only: true }',
          '- { id: b, step: x, when: steps.a.out == "x", say: "${{ host.os }} ${{ steps.a.out }}" }',
        ].join('\n'),
      ),
      secrets: { login: 1, token: 1 },
    });
    expect(plan.unknowns).toEqual([
      'The secret password (32 characters) is made by the run.',
      'Whether b is done on a host: it asks steps.a.out == "x".',
      'What host.os, steps.a.out will be, for b.',
    ]);
  });
});
