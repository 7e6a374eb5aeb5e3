import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import { mapping } from '../runbook/outline.js';
import { parameter as schema, type Parameter } from '../runbook/parameter.js';
import { patternTrouble } from '../pattern.js';
import { acceptInput } from './accept-input.js';

/** Defaults must be values that could be entered, and patterns must be patterns. */
export function checkDefaults(document: SourceDocument): Finding[] {
  return Object.entries(mapping(mapping(document.value).parameters)).flatMap(([name, written]) => {
    const parsed = schema.safeParse(written);
    return parsed.success ? checkParameter(name, parsed.data, document) : [];
  });
}

function checkParameter(name: string, parameter: Parameter, document: SourceDocument): Finding[] {
  const path = ['parameters', name];
  const trouble =
    parameter.type === 'text' && parameter.pattern !== undefined ? patternTrouble(parameter.pattern) : undefined;
  if (trouble !== undefined)
    return [
      document.at(
        [...path, 'pattern'],
        `this is no RE2 pattern: ${trouble}`,
        'RE2 knows neither look-around nor back references',
      ),
    ];
  if (parameter.default === undefined) return [];
  if (parameter.required === true)
    return [
      document.atKey([...path, 'required'], 'a parameter with a default is never missing', 'take out one of the two'),
    ];
  const accepted = acceptInput(parameter, parameter.default);
  return 'value' in accepted
    ? []
    : [document.at([...path, 'default'], `this default could not be entered: ${accepted.problem}`, accepted.advice)];
}
