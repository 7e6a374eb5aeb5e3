// cspell:ignore leep
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import type { Verb, VerbArguments } from '../../model/record.js';
import { cases, startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

describe('an operator’s word', () => {
  let lab: Lab;
  let belay: Belay;

  beforeAll(async () => {
    lab = await labUp({ name: 'verbs', description: twoNodes });
    belay = await startBelay(lab);
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown('verbs');
  }, 120_000);

  // Belay's own connection stays open for some minutes, with its runner at the other end; its journal stays longer.
  const ours = /belay-runner|sshd: root@notty|uid 0: sleep 1$|^\/var\/lib\/belay\//;
  const on = async (host: string, script: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', script])).stdout;
  /** What became of a verb: that it was obeyed, and why or why not. */
  const said = async (run: string, verb: Verb, args?: VerbArguments): Promise<string> =>
    belay.say(run, verb, args).then(
      (answer) => `obeyed: ${answer.outcome?.because}`,
      (error: Error) =>
        `refused: ${(JSON.parse(error.message.slice(error.message.indexOf('{'))) as { detail: string }).detail}`,
    );
  const undone = async (run: string): Promise<void> => {
    await belay.say(run, 'undo');
    await belay.until(run, ['undone', 'undo_incomplete']);
  };
  /** A run of `stumble` that waits because a stone lies on node2. */
  const stumbled = async (): Promise<string> => {
    await on('node2', 'touch /tmp/stone');
    const run = await belay.start((await belay.plan(cases('stumble'))).hash);
    await belay.until(run, ['waiting']);
    return run;
  };

  it('marks a failed task done, by whom and why, and the run goes on', async () => {
    const run = await stumbled();
    const task = { step: 'stone', host: 'node2' };
    expect(await said(run, 'mark-done', { ...task, host: 'node1', reason: 'x' })).toBe(
      'refused: no failed, unreachable or unknown task of this wave goes by that name',
    );
    expect(await said(run, 'mark-done', { ...task, reason: 'carried away by hand' })).toBe(
      'obeyed: 1 task marked done',
    );
    await belay.until(run, ['succeeded']);
    expect(await belay.states(run)).toMatchObject({ 'stone@node2': 'changed', 'last@node2': 'changed' });
    const settled = (await belay.tasks(run)).find((one) => one.step === 'stone' && one.host === 'node2');
    expect(settled?.settledBy).toEqual({ by: 'tester (not authenticated)', because: 'carried away by hand' });
    expect((await belay.events(run)).filter((event) => event.kind === 'task-settled')).toMatchObject([
      { data: { ...task, state: 'changed', because: 'carried away by hand' } },
    ]);
    expect(await said(run, 'mark-done', { ...task, reason: 'again' })).toBe(
      'refused: the run has ended (succeeded); mark-done is for open runs',
    );
    await undone(run);
  });

  it('is obeyed once where two are said at the same moment, and the second learns who was first', async () => {
    const run = await stumbled();
    const task = { step: 'stone', host: 'node2', reason: 'both at once' };
    const answers = await Promise.all([said(run, 'skip', task), said(run, 'mark-done', task)]);
    expect(answers.filter((answer) => answer.startsWith('obeyed'))).toHaveLength(1);
    expect(answers.find((answer) => answer.startsWith('refused'))).toMatch(
      /the last word obeyed was (skip|mark-done), by tester/,
    );
    await belay.until(run, ['succeeded']);
    await undone(run);
  });

  it('asks a lost host again until its deadline, keeps no other host’s result back, and guesses nothing', async () => {
    const run = await belay.start((await belay.plan(cases('lost'))).hash);
    await seen(async () => (await belay.output(run, 'count', 'node2')).includes('begun'));
    await lab.cut('node2', 'DROP');
    await seen(async () => (await belay.states(run))['count@node1'] === 'changed');
    expect(await belay.states(run)).toMatchObject({ 'count@node2': 'running', 'after@node1': 'pending' });
    const stuck = await belay.until(run, ['waiting'], 120);
    expect(stuck.standing).toMatchObject({ for: 'decision' });
    expect(await belay.states(run)).toMatchObject({ 'count@node2': 'unknown', 'after@node1': 'pending' });
    await lab.heal('node2');
    expect(await said(run, 'resume')).toContain('refused: the run is waiting for a decision; resume is possible');
    await belay.say(run, 'mark-done', { step: 'count', host: 'node2', reason: 'the ledger has its line' });
    await belay.until(run, ['succeeded']);
    await seen(async () => (await belay.events(run)).some(({ kind }) => kind === 'leases-released'));
    expect(await on('node2', 'ps -eo args | grep -c "^[s]leep 60" || true')).toBe('0\n');
    expect(await on('node2', 'cat /var/log/lost.ledger')).toBe('node2\n');
    await undone(run);
    expect(await on('node2', 'ls /var/log/lost.ledger 2>&1; ps -eo args | grep -c "^[s]leep 60" || true')).toMatch(
      /No such file[^]*\n0\n$/,
    );
  });

  it('to try again awaits what a lost host still runs, and does not do that twice', async () => {
    const run = await belay.start((await belay.plan(cases('lost'))).hash);
    await seen(async () => (await belay.output(run, 'count', 'node2')).includes('begun'));
    await lab.cut('node2', 'DROP');
    await belay.until(run, ['waiting'], 120);
    expect(await belay.states(run)).toMatchObject({ 'count@node2': 'unknown' });
    await lab.heal('node2');
    await belay.say(run, 'retry');
    await belay.until(run, ['succeeded'], 120);
    expect(await on('node2', 'cat /var/log/lost.ledger')).toBe('node2\n');
    await undone(run);
  });

  it('goes on asking where the worker dies meanwhile, and takes the end that it finds', async () => {
    const { hash } = await belay.plan(cases('lost'), { seconds: 5, lost_after: '1m' });
    const run = await belay.start(hash);
    await seen(async () => (await belay.output(run, 'count', 'node2')).includes('begun'));
    await lab.cut('node2', 'DROP');
    belay.stack.kill('worker', 'SIGKILL');
    await seen(async () => (await belay.states(run))['count@node1'] === 'changed');
    expect(await belay.states(run)).toMatchObject({ 'count@node2': 'running' });
    await lab.heal('node2');
    await belay.until(run, ['succeeded'], 90);
    expect(await on('node2', 'cat /var/log/lost.ledger')).toBe('node2\n');
    await undone(run);
  });

  it('goes back to a step, stands paused before it, and goes forward again to be undone whole', async () => {
    await lab.mark('back');
    const run = await belay.start((await belay.plan(cases('small'))).hash);
    await belay.until(run, ['waiting']);
    await belay.approve(run, 1);
    await belay.until(run, ['succeeded']);
    expect(await said(run, 'undo', { to: 'nowhere' })).toBe('refused: the run has no step nowhere');
    expect(await said(run, 'undo', { to: 'ledger' })).toBe('obeyed: undo 1 has begun');
    const paused = await belay.until(run, ['paused']);
    expect(paused.standing).toMatchObject({ because: 'it has gone back to before ledger', to: 'ledger' });
    expect(await belay.states(run)).toMatchObject({
      'conf@node1': 'changed',
      'ledger@node1': 'pending',
      'hello@node2': 'pending',
      'folder@node1': 'pending',
      'inner@node2': 'pending',
    });
    expect(await on('node1', 'cat /etc/small.conf; ls /var/log/small.ledger /srv 2>&1')).toMatch(
      /^greeting = hello\nhost = node1\nls: .*small.ledger.*No such[^]*\/srv:\n$/,
    );
    await belay.say(run, 'resume');
    const asked = await belay.until(run, ['waiting']);
    expect(asked.approval).toMatchObject({ votes: 0, wanted: 1 });
    await belay.approve(run, 1);
    await belay.until(run, ['succeeded']);
    expect(await on('node2', 'cat /var/log/small.ledger /srv/small/said')).toBe('did node2\nhello from node2');
    expect(await belay.tasks(run)).toContainEqual(
      expect.objectContaining({ step: 'ledger', host: 'node1', state: 'changed', attempt: 2, turn: 1 }),
    );
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
    expect((await lab.diff('back')).differences.filter((one) => !ours.test(one.subject))).toEqual([]);
  });

  it('goes back in the midst of a run, and what was cut short is done anew', async () => {
    const run = await belay.start((await belay.plan(cases('long'), { lines: 60 })).hash);
    expect(await said(run, 'undo', { to: 'two' })).toBe(
      'refused: nothing has been done from two on, so nothing can go back to it',
    );
    await seen(async () => (await belay.output(run, 'one', 'node1')).includes('line 3'));
    expect(await said(run, 'undo', { to: 'one' })).toBe('obeyed: the run goes back to before one');
    await belay.until(run, ['paused']);
    expect(await on('node1', 'ls /var/log/long.ledger 2>&1; ps -eo args | grep -c "^[s]leep 0.1" || true')).toMatch(
      /No such file[^]*\n0\n$/,
    );
    await belay.say(run, 'resume');
    await belay.until(run, ['succeeded'], 90);
    expect(await on('node1', 'cat /var/log/long.ledger')).toBe('one\ntwo\n');
    expect((await belay.output(run, 'one', 'node1')).toString()).toMatch(/^one line 1\n[^]*line 60\n$/);
    await undone(run);
    expect(await on('node2', 'ls /var/log/long.ledger 2>&1 || true')).toContain('No such');
  });

  it('goes back on one host alone, which is excluded then', async () => {
    const run = await belay.start((await belay.plan(cases('long'), { lines: 10 })).hash);
    await seen(async () => (await belay.output(run, 'one', 'node1')).includes('line 1'));
    await belay.say(run, 'pause');
    await belay.until(run, ['paused']);
    expect(await said(run, 'undo', { host: 'node7' })).toBe('refused: the run has no host node7');
    expect(await said(run, 'undo', { host: 'node2' })).toBe('obeyed: what was done on node2 goes back');
    await seen(async () => (await belay.run(run)).standing['host'] === 'node2');
    expect(await belay.states(run)).toEqual({
      'one@node1': 'changed',
      'one@node2': 'undone',
      'two@node1': 'pending',
      'two@node2': 'skipped',
    });
    await belay.say(run, 'resume');
    await belay.until(run, ['succeeded']);
    expect(await on('node1', 'cat /var/log/long.ledger')).toBe('one\ntwo\n');
    expect(await on('node2', 'ls /var/log/long.ledger 2>&1 || true')).toContain('No such');
    await undone(run);
    expect((await belay.events(run)).filter((event) => event.kind === 'host-excluded')).toMatchObject([
      { data: { host: 'node2', skipped: ['two'] } },
    ]);
  });

  it('goes back once where two say so at the same moment', async () => {
    const run = await belay.start((await belay.plan(cases('long'), { lines: 5 })).hash);
    await belay.until(run, ['succeeded']);
    const answers = await Promise.all([said(run, 'undo', { to: 'two' }), said(run, 'undo', { to: 'one' })]);
    expect(answers.filter((answer) => answer.startsWith('obeyed'))).not.toHaveLength(0);
    await belay.until(run, ['paused']);
    expect((await belay.events(run)).filter((event) => event.kind === 'undo-started')).toHaveLength(1);
    await undone(run);
  });

  /** A run of `fleet` that waits because a stone lies on node2. */
  const stuckFleet = async (): Promise<string> => {
    await on('node2', 'touch /tmp/stone');
    const run = await belay.start((await belay.plan(cases('fleet'))).hash);
    await belay.until(run, ['waiting']);
    return run;
  };

  it('excludes a host from all that is still to come, while a group keeps its size', async () => {
    const run = await stuckFleet();
    expect(await said(run, 'exclude', { host: 'node7', reason: 'x' })).toBe('refused: the run has no host node7');
    expect(await said(run, 'exclude', { host: 'node2', reason: 'it is broken' })).toBe(
      'obeyed: node2 is excluded; 3 tasks are skipped',
    );
    const asked = await belay.until(run, ['waiting']);
    await seen(async () => (await belay.run(run)).approval !== undefined);
    expect(asked.excluded).toEqual([{ host: 'node2', by: 'tester (not authenticated)', because: 'it is broken' }]);
    expect(await said(run, 'exclude', { host: 'node2', reason: 'again' })).toBe('refused: node2 is excluded already');
    expect(await said(run, 'exclude', { host: 'node1', reason: 'this one, too' })).toBe(
      'refused: the group nodes would have 0 hosts left, and the runbook needs at least 1',
    );
    await belay.approve(run, 1);
    await belay.until(run, ['succeeded']);
    expect(await belay.states(run)).toMatchObject({
      'word@node2': 'changed',
      'stone@node2': 'skipped',
      'last@node2': 'skipped',
      'end@node1': 'changed',
      'end@node2': 'skipped',
    });
    expect(await on('node2', 'ls /etc/fleet.*')).toBe('/etc/fleet.word\n');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
    expect(await on('node2', 'ls /etc/fleet.* 2>&1 || true')).toContain('No such');
  });

  it('does all from a step on again, after a warning, and never before where the host stands', async () => {
    const run = await stuckFleet();
    const from = (step: string, more: VerbArguments = {}): Promise<string> =>
      said(run, 'retry', { from: step, ...more });
    expect(await from('end')).toBe(
      'refused: end is no step of phase 1, at which the run stands; undo goes back further',
    );
    expect(await from('last', { host: 'node2' })).toBe('refused: node2 has not come to last: stone is failed there');
    expect(await from('line', { host: 'node1', only: 'failed-hosts' })).toBe('refused: nothing has failed on node1');
    await on('node2', 'rm /tmp/stone');
    expect(await from('line')).toBe(
      'obeyed: 4 tasks from line on to be done again; not declared repeatable, and done again without looking first: line',
    );
    await seen(async () => (await belay.run(run)).approval !== undefined);
    expect(await on('node1', 'cat /var/log/fleet.ledger')).toBe('one\none\n');
    expect(await on('node2', 'cat /var/log/fleet.ledger')).toBe('one\none\n');
    expect(await belay.tasks(run)).toContainEqual(
      expect.objectContaining({ step: 'line', host: 'node1', state: 'changed', attempt: 2, turn: 0 }),
    );
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
    expect(await on('node1', 'ls /etc/fleet.* /var/log/fleet.ledger 2>&1 || true')).not.toMatch(/^\//m);
  });

  it('edits a parameter of steps to come: another hash, votes void, gates ask again, and nothing done changes', async () => {
    const run = await stuckFleet();
    const before = (await belay.run(run)).planHash;
    // A vote that was given for the plan as it is.
    await belay.approve(run, 1);
    expect(await said(run, 'edit', { inputs: { word: 'two' }, reason: 'x' })).toBe(
      'refused: word has begun already and would change; undo the run back to it first',
    );
    expect(await said(run, 'edit', { inputs: { last: 'last' }, reason: 'x' })).toBe('refused: it changes nothing');
    await expect(belay.say(run, 'edit', { inputs: { wort: 'x' }, reason: 'x' })).rejects.toThrow(
      /422 .*\/inputs\/wort/,
    );
    expect(await said(run, 'edit', { inputs: { last: 'better' }, reason: 'a better word' })).toMatch(
      /^obeyed: the plan is [0-9a-f]{12} now, with other last, end; to be approved again: phase 2$/,
    );
    const edited = await belay.run(run);
    expect(edited.planHash).not.toBe(before);
    expect(edited.planChanges).toMatchObject([{ from: before, to: edited.planHash, because: 'a better word' }]);
    expect(edited.state).toBe('waiting');
    await on('node2', 'rm /tmp/stone');
    await belay.say(run, 'retry');
    await seen(async () => (await belay.run(run)).approval !== undefined);
    expect((await belay.run(run)).approval).toMatchObject({ ask: 'End with better?', votes: 0 });
    expect(await on('node1', 'cat /etc/fleet.word /etc/fleet.last')).toBe('one\nbetter\n');
    expect(await said(run, 'edit', { inputs: { last: 'best' }, reason: 'still' })).toMatch(
      /^refused: last has begun already and would change/,
    );
    await belay.approve(run, 1);
    await belay.until(run, ['succeeded']);
    expect(await on('node2', 'cat /etc/fleet.end')).toBe('better end\n');
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
  });

  it('goes back to a step, changes its parameter, and does it otherwise', async () => {
    const run = await stuckFleet();
    await belay.say(run, 'undo', { to: 'word' });
    await belay.until(run, ['paused']);
    const both = await Promise.all(
      ['two', 'three'].map(async (word) => said(run, 'edit', { inputs: { word }, reason: `make it ${word}` })),
    );
    expect(both.filter((answer) => answer.startsWith('obeyed: the plan is'))).not.toHaveLength(0);
    const { word } = (await belay.plan(cases('fleet'))).plan.inputs;
    expect(word).toBe('one');
    await on('node2', 'rm /tmp/stone');
    await belay.say(run, 'resume');
    await seen(async () => (await belay.run(run)).approval !== undefined);
    const { planChanges } = await belay.run(run);
    const last = planChanges.at(-1)?.because.split(' ').at(-1);
    expect(await on('node1', 'cat /etc/fleet.word /var/log/fleet.ledger')).toBe(`${last}\n${last}\n`);
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
  });
});

/** Waits for a condition; fails after a minute. */
async function seen(condition: () => Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 60_000, interval: 100 }).toBe(true);
}
