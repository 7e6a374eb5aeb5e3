import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Describes } from '../describes.js';

/** The document, made once at start. */
export class OpenApiDocument {
  constructor(readonly document: Readonly<Record<string, unknown>>) {}
}

@Controller()
export class OpenApiRoutes {
  constructor(private readonly made: OpenApiDocument) {}

  @Get('openapi.json')
  @Describes({ summary: 'This document', answers: { 200: z.looseObject({}) } })
  show(): Readonly<Record<string, unknown>> {
    return this.made.document;
  }
}
