import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostOperation, Operation } from '../../../model/operation.js';
import type { Plan, PlannedPhase, PlannedStep } from '../../../model/plan.js';
import { injected } from '../../chaos/faults.js';
import { armoury, goingBackAlone, standingStill } from './armed.js';
import { placesOf } from './rows.js';
import { chanceFrom } from '../../chaos/chance.js';

const step = (id: string, operation: Operation, more: Partial<PlannedStep> = {}): PlannedStep => ({
  id,
  name: id,
  kind: 'shell',
  retry: { attempts: 3, interval: 1, backoff: 1, cap: 1 },
  timeout: 60,
  repeatable: false,
  readOnly: false,
  register: {},
  assert: [],
  undo: { how: 'restore' },
  owes: [],
  operations: [operation],
  tasks: { node1: 0, node2: 0 },
  ...more,
});
const phase = (...steps: PlannedStep[]): PlannedPhase => ({
  name: 'Only',
  hosts: 'nodes',
  waves: [['node1', 'node2']],
  maxFailures: 0,
  onFailure: 'pause',
  steps,
});
const shell = (text: string, doneExits?: number[]): HostOperation => ({
  on: 'host',
  do: { text, ...(doneExits && { doneExits }) },
});
const ldap = { on: 'ldap' } as Operation;
const planOf = (...steps: PlannedStep[]): Plan => ({ phases: [phase(...steps)] }) as unknown as Plan;
const ids = (plan: Plan): string[] => plan.phases.flatMap(({ steps }) => steps.map(({ id }) => id));

describe('a plan in which steps can be made to fail', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'armed-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** How the step's script ends, and whether it had its effect, where the host was told of these steps. */
  const ends = (operation: HostOperation, told: readonly string[]): { code: number; effect: string } => {
    const list = join(folder, 'list');
    if (told.length > 0) writeFileSync(list, told.map((one) => `${one}\n`).join(''));
    const steps = standingStill(planOf(step('made.one', operation))).phases[0]!.steps;
    const [only] = steps.find(({ id }) => id === 'made.one')!.operations as HostOperation[];
    const text = `${only!.do.text.replaceAll(armoury, list)}`;
    try {
      return { code: 0, effect: execFileSync('sh', ['-c', text], { encoding: 'utf8', stdio: 'pipe' }) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, effect: stdout };
    }
  };

  it.each([
    ['goes on as written where nothing was told', shell('echo did'), [], { code: 0, effect: 'did\n' }],
    [
      'goes on where another step was told',
      shell('echo did'),
      ['made.on', 're.made.one'],
      { code: 0, effect: 'did\n' },
    ],
    ['fails after its effect', shell('echo did'), ['other', 'made.one'], { code: injected, effect: 'did\n' }],
    ['fails where it exits in its midst', shell('echo did; exit 0'), ['made.one'], { code: injected, effect: 'did\n' }],
    ['fails by another exit that is done', shell('exit 5', [0, 5]), ['made.one'], { code: injected, effect: '' }],
    ['keeps another exit that is done', shell('exit 5', [0, 5]), [], { code: 5, effect: '' }],
    ['keeps a failure of its own', shell('exit 4'), ['made.one'], { code: 4, effect: '' }],
  ])('%s', (_what, operation, told, end) => {
    expect(ends(operation, told)).toEqual(end);
  });

  it('has the next thing fail where a worker acts by itself, and leaves alone what only reads', () => {
    const reads = step('look', shell('true'), { readOnly: true });
    const plan = planOf(reads, step('settings', ldap), step('conf', shell('true')));
    expect(ids(standingStill(plan))).toEqual([
      'look',
      'settings_before',
      'settings',
      'settings_behind',
      'conf_before',
      'conf',
    ]);
    expect(standingStill(plan).phases[0]!.steps[0]).toEqual(reads);
    expect(placesOf(plan, chanceFrom(1)).map(({ step: id }) => id)).toEqual(['settings', 'conf']);
  });

  it('stands still before every phase, or goes back by itself', () => {
    const plan = planOf(step('conf', shell('true')));
    expect(standingStill(plan).phases[0]).toMatchObject({ approval: { votes: 1 }, onFailure: 'pause' });
    expect(goingBackAlone(plan).phases[0]).toMatchObject({ onFailure: 'undo' });
    expect(goingBackAlone(plan).phases[0]).not.toHaveProperty('approval');
  });

  it('tries a step once, and waits for nobody', () => {
    const clock = step('wait', { on: 'clock', seconds: 3600 }, { undo: { how: 'nothing' } });
    const [wait, , conf] = standingStill(planOf(clock, step('conf', shell('true')))).phases[0]!.steps;
    expect([wait?.operations, conf?.retry.attempts]).toEqual([[{ on: 'clock', seconds: 1 }], 1]);
  });
});
