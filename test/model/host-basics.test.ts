// cspell:ignore AAAAC
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileWith } from '../../model/compile/compile.js';
import { planHash } from '../../model/compile/hash.js';
import { formatFinding } from '../../model/finding.js';
import { showPlan } from '../../model/show-plan/show-plan.js';
import { kinds } from '../../model/steps/kinds.js';
import { sha256, source } from './planning.js';

const inventory = `
hosts:
  one: { address: 192.0.2.1, key: { secret: login }, host_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${'a'.repeat(44)}"] }
groups: { hosts: [one] }
`;

describe('The runbook host-basics', () => {
  const written = {
    runbook: readFileSync('runbooks/host-basics/runbook.yaml', 'utf8'),
    inventory,
    inputs: { cache_address: '192.0.2.9', application: 'shop' },
  };
  const { plan, findings } = compileWith(kinds, source(written));

  it('is planned without a finding', () => {
    expect(findings.map(formatFinding)).toEqual([]);
  });

  it('shows an operator the values it will set, and no secret', () => {
    if (!plan) throw new Error('no plan');
    const shown = showPlan(plan, planHash(plan, sha256), sha256);
    for (const part of ['/cache/port', '16379', '192.0.2.9', '17 3 * * *', 'shop', '${{ secret.keystore_password }}'])
      expect(shown).toContain(part);
  });

  it('refuses a network that is none before anything runs', () => {
    const wrong = compileWith(kinds, source({ ...written, inputs: { ...written.inputs, network: '10.0.0.0/33' } }));
    expect(wrong.findings.map(formatFinding).join()).toContain('must be an address, or a network');
  });
});
