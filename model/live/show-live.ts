import { operationOf, type Plan, type PlannedStep } from '../plan.js';
import { counted, indent } from '../show-plan/layout.js';
import { stateWords, type Look, type LookState } from './look.js';

const signs: Readonly<Record<LookState, string>> = {
  already_so: '=',
  would_change: '~',
  would_run: '>',
  skipped: '-',
  not_known: '?',
  refused: '✗',
  unreachable: '!',
};

/** A live plan as an operator reads it: phase by phase, step by step, host by host, with what would change. */
export function showLive(plan: Plan, looks: readonly Look[], hash: string): string {
  const of = new Map(looks.map((look) => [`${look.step}@${look.host}`, look]));
  const phases = plan.phases.flatMap((phase, index) => [
    `${index + 1} ${phase.name}`,
    ...indent(phase.steps.flatMap((step) => stepLines(step, phase.waves.flat(), of))),
    '',
  ]);
  return [...phases, totals(looks), `live plan ${hash}`].map((line) => `${line}\n`).join('');
}

function stepLines(step: PlannedStep, hosts: readonly string[], of: ReadonlyMap<string, Look>): string[] {
  const looked = hosts.flatMap((host) => of.get(`${step.id}@${host}`) ?? []);
  if (looked.length === 0) {
    const waits = hosts.some((host) => operationOf(step, host) !== undefined);
    return waits ? [`  ${step.name} [${step.id}]: changes nothing`] : [];
  }
  return [`${step.name} [${step.id}]`, ...indent(looked.flatMap(lookLines))];
}

function lookLines({ host, state, because, before, diff }: Look): string[] {
  const reason =
    before === undefined ? because : `cannot be known before ${before.join(', ')} ran${because ? `: ${because}` : ''}`;
  const words = [state === 'not_known' ? undefined : stateWords[state], reason].filter((word) => word !== undefined);
  const lines = diff === undefined ? [] : indent(diff.replace(/\n$/, '').split('\n'));
  return [`${signs[state]} ${host}: ${words.join(': ')}`, ...lines];
}

function totals(looks: readonly Look[]): string {
  const parts = Object.entries(stateWords).flatMap(([state, words]) => {
    const count = looks.filter((look) => look.state === state).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return `${counted(looks.length, 'task')}: ${parts.join(', ')}`;
}
