import { describe, expect, it } from 'vitest';
import { showPlan } from '../../model/show-plan/show-plan.js';
import { onePhase, planOf } from './planning.js';

describe('a hint', () => {
  it('stays with its step, or with the whole plan, and its advice may name parameters', () => {
    const runbook = onePhase(
      '- { id: a, step: x, run: [id], hint: [{ exit: 1, advice: "port ${{ param.port }}" }, { stderr: y, exit: [2, 3], advice: z }], read_only: true }',
    ).replace('phases:', 'hints: [{ stdout: w, advice: "${{ size(groups.nodes) }} nodes" }]\nphases:');
    const plan = planOf({ runbook, secrets: { login: 1, token: 1 } });
    expect(plan.hints).toEqual([{ stdout: 'w', advice: '2 nodes' }]);
    expect(plan.phases[0]?.steps[0]?.hints).toEqual([
      { exit: [1], advice: 'port 16379' },
      { stderr: 'y', exit: [2, 3], advice: 'z' },
    ]);
    const shown = showPlan(plan, 'h');
    expect(shown).toContain('stdout has w: 2 nodes');
    expect(shown).toContain('exit 2 or 3 and stderr has y: z');
  });

  it('leaves no trace in a plan without one', () => {
    const plan = planOf({ runbook: onePhase('- { id: a, step: x, say: y }'), secrets: { login: 1, token: 1 } });
    expect(JSON.stringify(plan)).not.toContain('hint');
  });
});
