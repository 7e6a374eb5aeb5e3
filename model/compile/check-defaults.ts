import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import { mapping } from '../runbook/mapping.js';
import { accept } from '../types/accept.js';
import { parameter as schema } from '../types/parameter.js';
import { walkType, type Parameter } from '../types/value-type.js';

/** Defaults, those of fields too, must be values that could be entered. */
export function checkDefaults(document: SourceDocument): Finding[] {
  return Object.entries(mapping(mapping(document.value).parameters)).flatMap(([name, written]) => {
    const parsed = schema.safeParse(written);
    const findings: Finding[] = [];
    if (parsed.success)
      walkType(parsed.data, (type, path) =>
        findings.push(...checkDefault(type, ['parameters', name, ...path], document)),
      );
    return findings;
  });
}

function checkDefault(type: Parameter, path: readonly string[], document: SourceDocument): Finding[] {
  if (type.default === undefined) return [];
  if (type.required === true)
    return [
      document.atKey(
        [...path, 'required'],
        `a ${path.at(-2) === 'fields' ? 'field' : 'parameter'} with a default is never missing`,
        'take out one of the two',
      ),
    ];
  const accepted = accept(type, type.default);
  if ('value' in accepted) return [];
  return accepted.mistakes.map((mistake) =>
    document.at(
      [...path, 'default', ...mistake.path],
      `this default could not be entered: ${mistake.problem}`,
      mistake.advice,
    ),
  );
}
