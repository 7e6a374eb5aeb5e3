import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { becomeUsual, noLongerUsual } from '../../lab/usual-inventory.js';

let data: string;
let before: string | undefined;
const usual = (): string => join(data, 'inventory.yaml');
const inventory = (name: string): string => {
  const file = join(data, `${name}.yaml`);
  writeFileSync(file, name);
  return file;
};

beforeEach(() => {
  before = process.env['BELAY_DATA'];
  data = mkdtempSync(join(tmpdir(), 'belay-usual-'));
  process.env['BELAY_DATA'] = data;
});
afterEach(() => {
  if (before === undefined) delete process.env['BELAY_DATA'];
  else process.env['BELAY_DATA'] = before;
  rmSync(data, { recursive: true });
});

describe('The inventory of a lab', () => {
  it('is the usual one where there is none, until the lab goes', async () => {
    const lab = inventory('lab');
    expect(await becomeUsual(lab)).toBe(true);
    expect(await becomeUsual(lab)).toBe(true);
    expect(readFileSync(usual(), 'utf8')).toBe('lab');
    await noLongerUsual(lab);
    expect(lstatSync(usual(), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('never takes the place of somebody’s own', async () => {
    writeFileSync(usual(), 'mine');
    const lab = inventory('lab');
    expect(await becomeUsual(lab)).toBe(false);
    await noLongerUsual(lab);
    expect(readFileSync(usual(), 'utf8')).toBe('mine');
  });

  it('leaves that of another lab as long as that one stands', async () => {
    const [first, second] = [inventory('first'), inventory('second')];
    await becomeUsual(first);
    expect(await becomeUsual(second)).toBe(false);
    await noLongerUsual(second);
    expect(readFileSync(usual(), 'utf8')).toBe('first');
    rmSync(first);
    expect(await becomeUsual(second)).toBe(true);
    expect(readFileSync(usual(), 'utf8')).toBe('second');
  });
});
