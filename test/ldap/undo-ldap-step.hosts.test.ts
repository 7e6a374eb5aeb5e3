import { describe, expect, test } from 'vitest';
import { after, attribute, before, ended, onlyOnce, setStage } from './stage.js';

const on = setStage();

describe('a retry after a refusal', () => {
  test('starts from what is there then, and undo goes back to that', async () => {
    on.world.on.send = onlyOnce(() => on.slapd.set(attribute, before.replace('"big"', '"theirs"')));
    await on.world.run();
    await on.world.run(2);
    expect(ended(on.world)[0]).toEqual(['refused', 'done']);
    await on.world.undo();
    expect(on.slapd.values(attribute)).toEqual([before.replace('"big"', '"theirs"')]);
  });
});

describe('undo', () => {
  test('puts back the old value, to the byte, and is harmless when repeated', async () => {
    await on.world.run();
    await on.world.undo();
    expect(on.slapd.values(attribute)).toEqual([before]);
    const change = on.slapd.values('entryCSN');
    await on.world.undo();
    expect(on.world.undone.map((one) => one.outcome)).toEqual(['undone', 'undone']);
    expect(on.slapd.values('entryCSN')).toEqual(change);
  });

  test('covers a change that was made but whose result was never written', async () => {
    on.world.on.result = () => {
      throw new Error('the worker is gone');
    };
    await expect(on.world.run()).rejects.toThrow('gone');
    expect(on.slapd.values(attribute)).toEqual([after]);
    await on.world.undo();
    expect([on.world.undone[0]?.outcome, on.slapd.values(attribute)]).toEqual(['undone', [before]]);
  });

  test('covers an intent whose request was never sent', async () => {
    on.world.on.intent = () => {
      throw new Error('the worker is gone');
    };
    await expect(on.world.run()).rejects.toThrow('gone');
    await on.world.undo();
    expect(on.world.undone[0]).toMatchObject({
      outcome: 'undone',
      summary: expect.stringContaining('had its old value'),
    });
  });

  test('takes several hosts of one entry back', async () => {
    await on.world.run(1, ['node1', 'node2']);
    await on.world.undo(['node1', 'node2']);
    expect(on.world.undone.map((one) => one.outcome)).toEqual(['undone', 'undone']);
    expect(on.slapd.values(attribute)).toEqual([before]);
  });

  test("leaves somebody's later work alone, for a person to decide", async () => {
    await on.world.run();
    const theirs = after.replace('REDIS', 'MEMCACHED');
    on.slapd.set(attribute, theirs);
    await on.world.undo();
    expect(on.world.undone[0]).toMatchObject({ outcome: 'decide', failure: { kind: 'undo/changed-since' } });
    expect(on.slapd.values(attribute)).toEqual([theirs]);
  });

  test('leaves it alone too where it changes just before the request', async () => {
    await on.world.run();
    on.world.on.send = onlyOnce(() => on.slapd.set(attribute, '{"theirs":true}'));
    await on.world.undo();
    expect([on.world.undone[0]?.outcome, on.slapd.values(attribute)]).toEqual(['decide', ['{"theirs":true}']]);
  });

  test('finds out by reading where its answer is lost', async () => {
    await on.world.run();
    on.world.on.send = onlyOnce(() => on.wire.fail('cut-answers'));
    await on.world.undo();
    expect([on.wire.struck > 0, on.world.undone[0]?.outcome, on.slapd.values(attribute)]).toEqual([
      true,
      'undone',
      [before],
    ]);
  });

  test('has nothing to do where nothing was changed', async () => {
    on.slapd.set(attribute, after);
    await on.world.run();
    await on.world.undo();
    expect([on.world.undone[0]?.outcome, on.slapd.values(attribute)]).toEqual(['undone', [after]]);
  });

  test('leaves what the plan says cannot be undone', async () => {
    on.world = on.worldOf({}, {}, 'the cache is empty anyway');
    await on.world.run();
    await on.world.undo();
    expect(on.world.undone[0]).toMatchObject({
      outcome: 'left',
      summary: expect.stringContaining('the cache is empty anyway'),
    });
  });

  test('fails, to be tried again, where the server is away', async () => {
    await on.world.run();
    await on.slapd.kill();
    try {
      await on.world.undo();
      expect(on.world.undone[0]).toMatchObject({ outcome: 'undo_failed', failure: { kind: 'ldap/unreachable' } });
    } finally {
      await on.slapd.start();
    }
    await on.world.undo();
    expect([on.world.undone[1]?.outcome, on.slapd.values(attribute)]).toEqual(['undone', [before]]);
  });

  test('does nothing where somebody else has taken the host', async () => {
    await on.world.run();
    const change = on.slapd.values('entryCSN');
    on.world.on.values = () => on.world.takeHost();
    await expect(on.world.undo()).rejects.toMatchObject({ failure: { kind: 'host/stale-holder' } });
    expect([on.world.undone.length, on.slapd.values('entryCSN')]).toEqual([0, change]);
  });
});
