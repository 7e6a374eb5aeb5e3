import { z } from 'zod';
import type { Path } from './document.js';

/** The keys that a schema knows at `path`; empty where it takes any. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  const keys = descend(schema, path).flatMap((found) =>
    found instanceof z.ZodObject ? Object.keys(found.shape as object) : [],
  );
  return [...new Set(keys)];
}

/** What a schema says about the place at `path`, for advice. */
export function describedAt(schema: z.ZodType, path: Path): string | undefined {
  for (const start of descend(schema, path.slice(0, -1))) {
    for (const option of step(start, path.at(-1) ?? '')) {
      const about = descriptionOf(option);
      if (about !== undefined) return about;
    }
  }
  return undefined;
}

/** Whether a schema wants constant text at `path` (`constant` in its metadata): nothing may be put into it. */
export function isConstantAt(schema: z.ZodType, path: Path): boolean {
  return descend(schema, path).some((found) => found.meta()?.constant === true);
}

/** The schemas that may stand at `path`, without their wrappings. */
function descend(schema: z.ZodType, path: Path): z.ZodType[] {
  return path.reduce<z.ZodType[]>((at, name) => at.flatMap((one) => step(one, name)).flatMap(unwrap), unwrap(schema));
}

function step(schema: z.ZodType, name: string | number): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const inner = (schema.shape as Record<string, z.ZodType>)[String(name)];
    return inner === undefined ? [] : [inner];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  return schema instanceof z.ZodArray ? [schema.element as z.ZodType] : [];
}

/** The alternatives and inner schemas of unions, defaults, optional and transformed values. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(unwrap);
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType);
  if (schema instanceof z.ZodLazy) return unwrap(schema.unwrap() as z.ZodType);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return [schema];
}

function descriptionOf(schema: z.ZodType): string | undefined {
  if (schema.description !== undefined) return schema.description;
  if (schema instanceof z.ZodPipe) return descriptionOf(schema.in as z.ZodType);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return descriptionOf(schema.unwrap() as z.ZodType);
  }
  return undefined;
}
