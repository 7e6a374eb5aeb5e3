import type { ValueType } from './value-type.js';

/** A type as expressions see it. `dyn`: known only when it is evaluated. */
export type ExpressionType =
  | 'string'
  | 'int'
  | 'double'
  | 'bool'
  | 'dyn'
  | { readonly list: ExpressionType }
  | { readonly map: ExpressionType }
  | { readonly fields: Readonly<Record<string, ExpressionType>> };

/** How values of a declared type are seen by expressions. */
export function expressionTypeOf(type: ValueType): ExpressionType {
  switch (type.type) {
    case 'integer':
    case 'port':
      return 'int';
    case 'number':
      // A whole number is an integer to CEL, whatever its declared type, so this is decided when it is evaluated.
      return 'dyn';
    case 'boolean':
      return 'bool';
    case 'list':
      return { list: expressionTypeOf(type.of) };
    case 'map':
      return type.fields === undefined
        ? { map: type.of === undefined ? 'dyn' : expressionTypeOf(type.of) }
        : {
            fields: Object.fromEntries(
              Object.entries(type.fields).map(([name, field]) => [name, expressionTypeOf(field)]),
            ),
          };
    default:
      return 'string';
  }
}
