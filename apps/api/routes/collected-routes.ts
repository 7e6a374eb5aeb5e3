import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  findGaps,
  findRecords,
  findValues,
  listSources,
  listValues,
  samplesLimit,
} from '../../../database/collected.js';
import {
  logsAnswer,
  metricNamesAnswer,
  metricsAnswer,
  sourcesAnswer,
  type LogsAnswer,
  type MetricNamesAnswer,
  type MetricsAnswer,
  type SourcesAnswer,
} from '../../../model/collected-answers.js';
import { logsAnswered, metricAnswered, sourceAnswered, stretchOf, widthOf, within } from '../collected.js';
import {
  logsQuery,
  metricNamesQuery,
  metricPath,
  metricQuery,
  type LogsQuery,
  type MetricNamesQuery,
  type MetricQuery,
} from '../collected-queries.js';
import { Describes } from '../describes.js';
import { Problem } from '../problem.js';
import { Records } from '../records.js';

/** What was collected of hosts: records of files, and numbers. */
@Controller('v1')
export class CollectedRoutes {
  constructor(private readonly records: Records) {}

  @Get('sources')
  @Describes({
    summary: 'What is collected of which host, how far, and for how long it is kept',
    answers: { 200: sourcesAnswer },
  })
  async sources(): Promise<SourcesAnswer> {
    return { sources: (await listSources(this.records.database)).map(sourceAnswered) };
  }

  @Get('logs')
  @Describes({ summary: 'Collected records, newest first, masked', answers: { 200: logsAnswer } })
  async logs(@Query({ schema: logsQuery }) query: LogsQuery): Promise<LogsAnswer> {
    const search = { ...within(query), ...stretchOf(query), text: query.text, limit: query.limit + 1 };
    const [micros, file, position] = (query.before ?? '').split('.').map(Number);
    const before =
      micros === undefined || file === undefined || position === undefined
        ? {}
        : { before: { micros, file, position } };
    const found = await findRecords(this.records.database, { ...search, ...before });
    return logsAnswered(found, await findGaps(this.records.database, search), query.limit);
  }

  @Get('metrics')
  @Describes({ summary: 'Names of collected numbers, each with its last value', answers: { 200: metricNamesAnswer } })
  async names(@Query({ schema: metricNamesQuery }) query: MetricNamesQuery): Promise<MetricNamesAnswer> {
    const found = await listValues(this.records.database, within(query));
    return { metrics: found.map((one) => ({ ...one, at: one.at.toISOString() })) };
  }

  @Get('metrics/:name')
  @Describes({
    summary: 'Collected numbers of one name over time, one series for each host and set of labels',
    answers: { 200: metricsAnswer },
  })
  async metric(
    @Param({ schema: metricPath }) { name }: { name: string },
    @Query({ schema: metricQuery }) query: MetricQuery,
  ): Promise<MetricsAnswer> {
    const stretch = stretchOf(query);
    const found = await findValues(this.records.database, { ...within(query), ...stretch, name });
    if (typeof found === 'number')
      throw new Problem(
        'request/invalid',
        `${found} values are too many for one answer; ask for less time or one host`,
        [{ pointer: '/since', detail: `at most ${samplesLimit} values make one answer` }],
      );
    const every = widthOf(query, found, stretch);
    return { every, series: found.map((one) => metricAnswered(one, query.as, { ...stretch, every })) };
  }
}
