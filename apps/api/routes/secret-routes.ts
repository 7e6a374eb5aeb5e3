import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { abandonNextSecret, storeNextSecret } from '../../../database/next-secrets.js';
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
  @Describes({ summary: 'Names, current and next versions of secrets, never a value', answers: { 200: secretsAnswer } })
  async list(): Promise<SecretsAnswer> {
    return { secrets: await listSecrets(this.records.database) };
  }

  @Get('recipient')
  @Describes({ summary: 'The public key to which values are sealed', answers: { 200: recipientAnswer } })
  async key(): Promise<RecipientAnswer> {
    return { recipient: await this.recipient.read() };
  }

  @Put(':name')
  @Describes({ summary: 'Keep a sealed value as the current one of a secret', answers: { 200: secretKept } })
  async keep(
    @Param({ schema: secretPath }) { name }: { name: string },
    @Body({ schema: secretBody }) { sealed }: SecretBody,
    @By() by: string,
  ): Promise<SecretKept> {
    return { name, version: await storeSecret(this.records.database, name, sealedBytes(sealed), by) };
  }

  @Put(':name/next')
  @Describes({
    summary: 'Keep a sealed value as the next one of a secret, which a run makes the current one',
    answers: { 200: secretKept },
  })
  async keepNext(
    @Param({ schema: secretPath }) { name }: { name: string },
    @Body({ schema: secretBody }) { sealed }: SecretBody,
    @By() by: string,
  ): Promise<SecretKept> {
    return { name, version: await storeNextSecret(this.records.database, name, sealedBytes(sealed), by) };
  }

  @Post(':name/abandon')
  @HttpCode(200)
  @Describes({ summary: 'Have the next value of a secret wait no longer', answers: { 200: secretKept } })
  async abandon(@Param({ schema: secretPath }) { name }: { name: string }, @By() by: string): Promise<SecretKept> {
    return { name, version: await abandonNextSecret(this.records.database, name, by) };
  }
}
