// cspell:ignore stdot adress
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lintWith } from '../../model/compile/lint.js';
import { inventoryJsonSchema, runbookJsonSchema } from '../../model/reference/json-schema.js';
import { stepKindsPage } from '../../model/reference/step-kinds-page.js';
import { kinds } from '../../model/steps/kinds.js';
import { fakeKinds } from './fake-kinds.js';
import { inventoryText, onePhase } from './planning.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
const checkRunbook = ajv.compile(runbookJsonSchema(kinds));
const checkFake = ajv.compile(runbookJsonSchema(fakeKinds));
const checkInventory = ajv.compile(inventoryJsonSchema());
const cases = join(import.meta.dirname, '../cases/runbooks');
const yaml = (name: string): unknown => parse(readFileSync(join(cases, name), 'utf8'));

describe('the JSON Schema of runbooks', () => {
  it('accepts the sketch of a runbook', () => {
    checkRunbook(yaml('sketch.yaml'));
    expect(checkRunbook.errors).toBeNull();
  });

  const accepted = [
    '{ id: a, step: x, run: "${{ groups.cache[0].list }}", read_only: true }',
    '{ id: a, step: x, run: [a, 5, true, "${{ param.port }}"], undo: none, because: y }',
    '{ id: a, step: x, put: { path: /a, copies: "${{ param.count }}", source: "${{ param.name }}" } }',
    '{ id: a, step: x, put: { path: /a }, undo: { steps: [{ id: b, step: y, run: [a], environment: { A: b } }] } }',
    '{ id: a, step: x, say: hello, timeout: 5m, retry: { attempts: "${{ param.count }}", interval: 2s } }',
    '{ id: a, step: x, say: hello, when: "true", repeatable: true }',
  ];
  const refused = [
    '{ id: a, step: x, sya: hello }',
    '{ id: a, step: x }',
    '{ id: a, step: x, say: hello, run: [a], read_only: true }',
    '{ id: a, step: x, say: hello, environment: { A: b } }',
    '{ id: a, step: x, run: [a], undo: none }',
    '{ id: a, step: x, run: [a], because: y, read_only: true }',
    '{ id: a, step: x, run: [a], undo: { steps: [{ id: b, step: y, run: [a], undo: none }] } }',
    '{ id: A, step: x, say: hello }',
    '{ step: x, say: hello }',
    '{ id: a, step: x, put: { path: /a, copies: 1.5 } }',
    '{ id: a, step: x, put: { path: /a, sauce: b } }',
    '{ id: a, step: x, run: [a], register: { b: { from: stdot } }, read_only: true }',
  ];
  const lint = (step: string): number =>
    lintWith(fakeKinds, new Map([['r.yaml', new TextEncoder().encode(onePhase(`- ${step}`))]]), 'r.yaml').length;

  it.each(accepted)('accepts what the compiler accepts: %s', (step) => {
    checkFake(parse(onePhase(`- ${step}`)));
    expect(checkFake.errors).toBeNull();
    expect(lint(step)).toBe(0);
  });

  const phase = '{ phase: P, hosts: cache, steps: [{ id: a, step: x, say: y }] }';
  const whole = (phases: string): string => `${onePhase('').split('phases:')[0]}phases: [${phases}]`;
  const lintWhole = (phases: string): number =>
    lintWith(fakeKinds, new Map([['r.yaml', new TextEncoder().encode(whole(phases))]]), 'r.yaml').length;
  it.each([
    `${phase}, { each: [a], phases: [${phase.replace('id: a', 'id: b')}] }`,
    `{ each: { in: "\${{ groups.nodes }}", key: each.value.name }, phases: [${phase}] }`,
    `{ each: "\${{ groups.nodes }}", phases: [${phase.replace('cache', '"${{ each.value.name }}"')}] }`,
  ])('accepts repeated phases: %s', (phases) => {
    checkFake(parse(whole(phases)));
    expect(checkFake.errors).toBeNull();
    expect(lintWhole(phases)).toBe(0);
  });

  it.each([
    `{ each: [a], phases: [] }`,
    `{ phases: [${phase}] }`,
    `{ each: [a], phases: [${phase}], hosts: cache }`,
    `{ each: [a], phases: [{ each: [b], phases: [${phase}] }] }`,
    `{ each: { in: [a], keys: x }, phases: [${phase}] }`,
  ])('refuses repeated phases where the compiler does: %s', (phases) => {
    expect(checkFake(parse(whole(phases)))).toBe(false);
    expect(lintWhole(phases)).toBeGreaterThan(0);
  });

  it.each(refused)('refuses what the compiler refuses: %s', (step) => {
    expect(checkFake(parse(onePhase(`- ${step}`)))).toBe(false);
    expect(lint(step)).toBeGreaterThan(0);
  });
});

describe('the JSON Schema of inventories', () => {
  it('accepts what the compiler accepts', () => {
    for (const inventory of [yaml('inventory.yaml'), parse(inventoryText)]) {
      checkInventory(inventory);
      expect(checkInventory.errors).toBeNull();
    }
  });

  it('refuses a misspelt key', () => {
    expect(checkInventory({ hosts: { a: { adress: 'x', key: { agent: true } } } })).toBe(false);
  });
});

describe('the reference of step kinds', () => {
  it('tells of every kind and key', () => {
    const page = stepKindsPage(kinds);
    for (const { kind, about, beside = [] } of kinds) {
      expect(page).toContain(`## ${kind}`);
      expect(page).toContain(about);
      for (const key of beside) expect(page).toContain(`\`${key}\``);
    }
  });
});
