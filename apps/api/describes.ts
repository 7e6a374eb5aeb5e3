import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/** What OpenAPI says of a route beyond what Nest knows: its path, method and the schemas of what is sent. */
export interface Description {
  readonly summary: string;
  /** Status and shape of each good answer; text is a media type that is not JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | `${string}/${string}` | undefined>>;
  /** Header parameters beyond `Belay-User`, each with what it is for; `!` marks a required one. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const description = 'belay:description';

/** Describes a route for `/openapi.json`; a test shows that none is without. */
export const Describes = (said: Description): MethodDecorator => SetMetadata(description, said);

/** A request that may be sent again under the same key, and then happens once. */
export const onceUnderKey = {
  'Idempotency-Key!': 'Names this request; sent again with the same key it happens once',
};
