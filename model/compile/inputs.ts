import { didYouMean } from '../did-you-mean.js';
import type { Finding } from '../finding.js';
import type { Runbook } from '../runbook/runbook.js';
import { accept } from '../types/accept.js';
import type { Value } from '../value.js';

/** The values of a runbook's parameters: what was entered, typed, over the defaults. */
export function planInputs(
  parameters: Runbook['parameters'],
  entered: Readonly<Record<string, unknown>>,
): { readonly values: Record<string, Value>; readonly findings: readonly Finding[] } {
  const findings = Object.keys(entered)
    .filter((name) => !Object.hasOwn(parameters, name))
    .map((name) => about([name], 'the runbook has no such parameter', didYouMean(name, Object.keys(parameters))));
  const values: Record<string, Value> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const given = Object.hasOwn(entered, name) ? entered[name] : parameter.default;
    if (given === undefined) {
      if (parameter.required !== false)
        findings.push(about([name], 'a value is needed', parameter.help ?? `enter a ${parameter.type}`));
      continue;
    }
    const accepted = accept(parameter, given);
    if ('value' in accepted) values[name] = accepted.value;
    else
      findings.push(
        ...accepted.mistakes.map(({ path, problem, advice }) =>
          about([name, ...path], problem, advice || (path.length === 0 ? (parameter.help ?? '') : '')),
        ),
      );
  }
  return { values, findings };
}

/** A finding at a JSON pointer (RFC 6901) into the inputs. */
function about(path: readonly (string | number)[], problem: string, advice: string): Finding {
  const pointer = path.map((name) => String(name).replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
  return { file: `/inputs/${pointer}`, line: 0, column: 0, problem, advice, severity: 'error' };
}
