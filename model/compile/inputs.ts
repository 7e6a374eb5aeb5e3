import { didYouMean } from '../did-you-mean.js';
import type { Finding } from '../finding.js';
import type { Runbook } from '../runbook/runbook.js';
import { accept, type Mistake, type Origin } from '../types/accept.js';
import type { Value } from '../value.js';

/** The values of a runbook's parameters: what was entered, typed, over the defaults. */
export function planInputs(
  parameters: Runbook['parameters'],
  entered: Readonly<Record<string, unknown>>,
): { readonly values: Record<string, Value>; readonly findings: readonly Finding[] } {
  const { values, mistakes } = takeInputs(parameters, entered);
  return { values, findings: mistakes.map(({ path, problem, advice }) => about(path, problem, advice)) };
}

/**
 * {@link planInputs} with what is wrong by path, for values that stand in a document.
 *
 * @param originOf - where the value of a parameter comes from
 */
export function takeInputs(
  parameters: Runbook['parameters'],
  entered: Readonly<Record<string, unknown>>,
  originOf: (name: string) => Origin = () => 'input',
): { readonly values: Record<string, Value>; readonly mistakes: readonly Mistake[] } {
  const known = Object.keys(parameters);
  const mistakes: Mistake[] = Object.keys(entered)
    .filter((name) => !Object.hasOwn(parameters, name))
    .map((name) => ({ path: [name], problem: 'the runbook has no such parameter', advice: didYouMean(name, known) }));
  const values: Record<string, Value> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const given = Object.hasOwn(entered, name) ? entered[name] : parameter.default;
    if (given === undefined) {
      if (parameter.required !== false)
        mistakes.push({
          path: [name],
          problem: 'a value is needed',
          advice: parameter.help ?? `enter a ${parameter.type}`,
        });
      continue;
    }
    const accepted = accept(parameter, given, originOf(name));
    if ('value' in accepted) values[name] = accepted.value;
    else
      mistakes.push(
        ...accepted.mistakes.map(({ path, problem, advice }) => ({
          path: [name, ...path],
          problem,
          advice: advice || (path.length === 0 ? (parameter.help ?? '') : ''),
        })),
      );
  }
  return { values, mistakes };
}

/** A finding at a JSON pointer (RFC 6901) into the inputs. */
function about(path: readonly (string | number)[], problem: string, advice: string): Finding {
  const pointer = path.map((name) => String(name).replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
  return { file: `/inputs/${pointer}`, line: 0, column: 0, problem, advice, severity: 'error' };
}
