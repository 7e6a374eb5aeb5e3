import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { listSecrets, storeSecret } from '../../../database/secrets.js';
import {
  recipientAnswer,
  secretKept,
  secretsAnswer,
  type RecipientAnswer,
  type SecretKept,
  type SecretsAnswer,
} from '../../../model/answers.js';
import { secretBody, secretPath, type SecretBody } from '../bodies.js';
import { Describes } from '../describes.js';
import { By } from '../identity.js';
import { Recipient } from '../recipient.js';
import { Records } from '../records.js';
import { sealedBytes } from '../sealed-bytes.js';

/** Secrets come in sealed and never go out. */
@Controller('v1/secrets')
export class SecretRoutes {
  constructor(
    private readonly records: Records,
    private readonly recipient: Recipient,
  ) {}

  @Get()
  @Describes({ summary: 'Names and newest versions of secrets, never a value', answers: { 200: secretsAnswer } })
  async list(): Promise<SecretsAnswer> {
    return { secrets: await listSecrets(this.records.database) };
  }

  @Get('recipient')
  @Describes({ summary: 'The public key to which values are sealed', answers: { 200: recipientAnswer } })
  async key(): Promise<RecipientAnswer> {
    return { recipient: await this.recipient.read() };
  }

  @Put(':name')
  @Describes({ summary: 'Keep a sealed value as the next version of a secret', answers: { 200: secretKept } })
  async keep(
    @Param({ schema: secretPath }) { name }: { name: string },
    @Body({ schema: secretBody }) { sealed }: SecretBody,
    @By() by: string,
  ): Promise<SecretKept> {
    return { name, version: await storeSecret(this.records.database, name, sealedBytes(sealed), by) };
  }
}
