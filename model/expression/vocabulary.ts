import type { Environment } from '@marcbachmann/cel-js';
import { bareEnvironment } from './parse.js';

/** The types that parameters and registered values have in expressions. */
export type ExpressionType = 'string' | 'int' | 'bool';

/** Every name that the expressions of one runbook can use. */
export interface Vocabulary {
  readonly param: ReadonlyMap<string, ExpressionType>;
  readonly groups: readonly string[];
  readonly secret: ReadonlyMap<string, 'text' | 'authority'>;
  /** By step id, what it registers. */
  readonly steps: ReadonlyMap<string, ReadonlyMap<string, ExpressionType>>;
  /** Values that hosts have; undefined where no inventory was given. */
  readonly hostValues: readonly string[] | undefined;
}

export const authorityParts = ['certificate', 'key'] as const;

/** An environment in which the names of a vocabulary have their types. */
export function typedEnvironment(vocabulary: Vocabulary): Environment {
  const { param, groups, secret, steps } = vocabulary;
  const authority = Object.fromEntries(authorityParts.map((part) => [part, 'string']));
  return bareEnvironment()
    .registerVariable('param', { schema: Object.fromEntries(param) })
    .registerVariable('host', 'map<string, dyn>')
    .registerVariable('groups', {
      schema: Object.fromEntries(groups.map((group) => [group, 'list<map<string, dyn>>'])),
    })
    .registerVariable('steps', {
      schema: Object.fromEntries([...steps].map(([id, names]) => [id, Object.fromEntries(names)])),
    })
    .registerVariable('secret', {
      schema: Object.fromEntries([...secret].map(([name, kind]) => [name, kind === 'text' ? 'string' : authority])),
    });
}
