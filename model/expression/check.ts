import type { Environment } from '@marcbachmann/cel-js';
import { didYouMean } from '../did-you-mean.js';
import type { ExpressionType } from '../types/expression-type.js';
import type { Sees } from '../value.js';
import { parseExpression, type Root } from './parse.js';
import { survey, type Reference } from './references.js';
import { factNames, hostNames, isLate, seesOf } from './sees.js';
import type { TextMistake } from './template.js';
import { authorityParts, fieldNames, recordName, type Vocabulary } from './vocabulary.js';

/** What an expression may name where it stands. */
export interface Place {
  readonly vocabulary: Vocabulary;
  readonly types: Environment;
  /** Ids of the steps whose registered values can be there. */
  readonly steps: readonly string[];
  /** Ids of the steps that have ended on all their hosts: those of earlier phases. */
  readonly every: readonly string[];
  /** Why something may not be named here, by root; `fact` stands for what a host tells in the run, `late` for parameters that only the run knows. */
  readonly refused: Partial<
    Readonly<Record<Root | 'fact' | 'late', { readonly problem: string; readonly advice: string }>>
  >;
  /** The type of the entry, in a step that is repeated. */
  readonly each?: ExpressionType;
  /** `text`: the value becomes a piece of a text. `bool`: it decides. */
  readonly wanted: 'any' | 'text' | 'bool';
}

export interface Checked {
  readonly sees: Sees;
  readonly mistakes: readonly TextMistake[];
}

/** Everything about an expression that can be known without running it. */
export function checkExpression(source: string, place: Place): Checked {
  const reading = parseExpression(source);
  if ('mistake' in reading) return { sees: 'plan', mistakes: [reading.mistake] };
  const { references, mistakes } = survey(reading.tree);
  const named = references.flatMap((reference) => nameMistake(reference, place) ?? []);
  const all = [...mistakes, ...(named.length > 0 ? named : mixed(references))];
  return {
    sees: seesOf(references, place.vocabulary.late),
    mistakes: all.length > 0 ? all : typeMistakes(source, place),
  };
}

function nameMistake(reference: Reference, place: Place): TextMistake | undefined {
  const { vocabulary } = place;
  const late = vocabulary.late !== undefined && isLate(reference, vocabulary.late);
  const refused = place.refused[isFact(reference) ? 'fact' : late ? 'late' : reference.root];
  if (refused !== undefined) return { offset: reference.offset, ...refused };
  if (reference.root === 'param') return unless(reference, 0, [...vocabulary.param.keys()], 'parameter');
  if (reference.root === 'groups') return unless(reference, 0, vocabulary.groups, 'group', 'declare it under "groups"');
  if (reference.root === 'host') return hostMistake(reference, vocabulary);
  if (reference.root === 'each') return eachMistake(reference, place);
  if (reference.root === 'secret') return secretMistake(reference, vocabulary);
  if (reference.root === 'every') return everyMistake(reference, place);
  return stepMistake(reference, place);
}

/** What is no secret is resolved once a task and kept; a secret never is. So one expression cannot hold both. */
function mixed(references: readonly Reference[]): TextMistake[] {
  const secret = references.find(({ root }) => root === 'secret');
  if (secret === undefined || references.every(({ root }) => root === 'secret')) return [];
  return [
    {
      offset: secret.offset,
      problem: 'a secret stands in an expression of its own',
      advice: 'write two expressions: ${{ param.a }}${{ secret.b }}',
    },
  ];
}

function isFact({ root, path }: Reference): boolean {
  return root === 'host' && (factNames as readonly string[]).includes(path[0] ?? '');
}

function unless(
  { path, offsets }: Reference,
  index: number,
  known: readonly string[],
  what: string,
  otherwise = '',
): TextMistake | undefined {
  const name = path[index] ?? '';
  if (known.includes(name)) return undefined;
  return {
    offset: offsets[index] ?? 0,
    problem: `there is no ${what} "${name}"`,
    advice: didYouMean(name, known) || otherwise || `no ${what} is declared`,
  };
}

function eachMistake(reference: Reference, { each }: Place): TextMistake | undefined {
  if (each !== undefined) return unless(reference, 0, ['value', 'index'], 'part of "each" called');
  const advice =
    'add "each" to the step or to its phase; a list sees none of its own entries, and "retry", "timeout" and "hint" those of the phase alone';
  return { offset: reference.offset, problem: 'no entry of a list is known here', advice };
}

function hostMistake(reference: Reference, { hostValues }: Vocabulary): TextMistake | undefined {
  return hostValues === undefined
    ? undefined
    : unless(reference, 0, [...hostNames, ...factNames, ...hostValues], 'host value');
}

function secretMistake(reference: Reference, { secret }: Vocabulary): TextMistake | undefined {
  const unknown = unless(reference, 0, [...secret.keys()], 'secret', 'declare it under "secrets"');
  if (unknown !== undefined) return unknown;
  const [name = '', part] = reference.path;
  const offset = reference.offsets[1] ?? reference.offset;
  if (secret.get(name) === 'text')
    return part === undefined
      ? undefined
      : { offset, problem: `the secret "${name}" is a text and has no parts`, advice: `write secret.${name}` };
  if (part === undefined)
    return {
      offset,
      problem: `"${name}" is a certificate authority`,
      advice: `write secret.${name}.certificate or secret.${name}.key`,
    };
  return unless(reference, 1, authorityParts, `part of the certificate authority "${name}" called`);
}

function stepMistake(reference: Reference, { vocabulary, steps }: Place): TextMistake | undefined {
  const unknown = unless(reference, 0, [...vocabulary.steps.keys()], 'step');
  if (unknown !== undefined) return unknown;
  const [id = ''] = reference.path;
  const offset = reference.offsets[0] ?? 0;
  if (!steps.includes(id))
    return { offset, problem: `the step "${id}" comes later`, advice: 'use what an earlier step registers' };
  const registers = [...(vocabulary.steps.get(id)?.keys() ?? [])];
  if (reference.path.length === 1)
    return {
      offset,
      problem: `"${id}" is a step and no value`,
      advice: registers.length > 0 ? `write steps.${id}.${registers[0]}` : 'let the step register one',
    };
  return unless(reference, 1, registers, `value registered by "${id}" called`, `add "register" to the step "${id}"`);
}

/** The values of other hosts: all of them, as a list of records. */
function everyMistake({ path, offsets }: Reference, { vocabulary, every }: Place): TextMistake | undefined {
  const [id = '', name] = path;
  const offset = offsets[0] ?? 0;
  const registers = [...(vocabulary.steps.get(id)?.keys() ?? [])];
  if (!vocabulary.steps.has(id))
    return { offset, problem: `there is no step "${id}"`, advice: didYouMean(id, every) || 'name an earlier step' };
  if (!every.includes(id))
    return {
      offset,
      problem: `the step "${id}" may not have ended on every host`,
      advice: 'name a step of an earlier phase',
    };
  if (registers.length === 0)
    return { offset, problem: `"${id}" registers nothing`, advice: `add "register" to the step "${id}"` };
  if (name === undefined) return undefined;
  const advice = `write every.${id}.map(one, one.${registers[0]}), or steps.${id}.${registers[0]} for one host`;
  return { offset: offsets[1] ?? offset, problem: `every.${id} is a list, one record a host`, advice };
}

const textTypes = ['string', 'int', 'double', 'bool', 'dyn', 'uint'];

function typeMistakes(source: string, place: Place): TextMistake[] {
  const { valid, type = 'dyn', error } = place.types.check(source);
  const missing = /^No such key: (\w+)$/.exec(error?.summary ?? '')?.[1];
  if (missing !== undefined)
    return [
      {
        offset: error?.range?.start ?? 0,
        problem: `there is no field "${missing}"`,
        advice: didYouMean(missing, fieldNames(place.vocabulary)) || 'no field is declared',
      },
    ];
  if (!valid)
    return [
      {
        offset: error?.range?.start ?? 0,
        problem: error?.summary ?? 'the types do not fit',
        advice: 'convert with string(), int() or bool() where types differ',
      },
    ];
  if (place.wanted === 'bool' && type !== 'bool' && type !== 'dyn')
    return [
      { offset: 0, problem: `this must be true or false, and is ${said(type)}`, advice: 'compare it with something' },
    ];
  if (place.wanted === 'text' && !textTypes.includes(type))
    return [{ offset: 0, problem: `${said(type)} cannot be a piece of a text`, advice: 'use join(), or string()' }];
  return [];
}

function said(type: string): string {
  const base = type.replace(/<.*/, '').replace(recordName, 'map');
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    int: 'an integer',
    double: 'a number',
    list: 'a list',
    map: 'a map',
    null: 'nothing',
    type: 'a type',
  };
  return names[base] ?? `of the type ${base}`;
}
