import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { readLeases } from '../../../database/leases.js';
import {
  hostChecked,
  hostCleaned,
  hostKeyLine,
  hostKeysSeen,
  leasesAnswer,
  type HostChecked,
  type HostCleaned,
  type HostKeyLine,
  type HostKeysSeen,
  type LeasesAnswer,
} from '../../../model/answers.js';
import { askHost } from '../ask-host.js';
import { hostBody, hostKeyBody, scanBody, type HostBody, type HostKeyBody, type ScanBody } from '../bodies.js';
import { Describes } from '../describes.js';
import { Records } from '../records.js';
import { Workflows } from '../workflows.js';

/** Hosts are reached by the worker alone: every question to one is a short workflow. */
@Controller('v1')
export class HostRoutes {
  constructor(
    private readonly records: Records,
    private readonly workflows: Workflows,
  ) {}

  @Get('leases')
  @Describes({ summary: 'Which run holds which machine', answers: { 200: leasesAnswer } })
  async leases(): Promise<LeasesAnswer> {
    return { leases: await readLeases(this.records.database) };
  }

  @Post('hosts/scan')
  @HttpCode(200)
  @Describes({
    summary: 'The keys a host shows over the network; nobody has confirmed them',
    answers: { 200: hostKeysSeen },
  })
  async scan(@Body({ schema: scanBody }) body: ScanBody): Promise<HostKeysSeen> {
    return askHost<HostKeysSeen>(this.workflows, 'hostScan', body);
  }

  @Post('hosts/check')
  @HttpCode(200)
  @Describes({ summary: 'Open a runner on a host, with its pinned keys', answers: { 200: hostChecked } })
  async check(@Body({ schema: hostBody }) body: HostBody): Promise<HostChecked> {
    return askHost<HostChecked>(this.workflows, 'hostCheck', body);
  }

  @Post('hosts/clean')
  @HttpCode(200)
  @Describes({ summary: 'Remove from a host what archived runs left there', answers: { 200: hostCleaned } })
  async clean(@Body({ schema: hostBody }) body: HostBody): Promise<HostCleaned> {
    return askHost<HostCleaned>(this.workflows, 'hostClean', body);
  }

  @Post('hosts/key')
  @HttpCode(200)
  @Describes({
    summary: 'The line for authorized_keys of the key that is stored; with a password it is put there',
    answers: { 200: hostKeyLine },
  })
  async key(@Body({ schema: hostKeyBody }) body: HostKeyBody): Promise<HostKeyLine> {
    return askHost<HostKeyLine>(this.workflows, 'hostKey', body);
  }
}
