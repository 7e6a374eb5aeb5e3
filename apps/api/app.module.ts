import { Module, StandardSchemaValidationPipe, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { EventFeed } from './event-feed.js';
import { invalid } from './invalid.js';
import { openApi } from './openapi.js';
import { ProblemFilter } from './problem-filter.js';
import { Recipient } from './recipient.js';
import { Records } from './records.js';
import { CollectedRoutes } from './routes/collected-routes.js';
import { EventRoutes } from './routes/event-routes.js';
import { HealthRoutes } from './routes/health-routes.js';
import { HostRoutes } from './routes/host-routes.js';
import { LivePlanRoutes } from './routes/live-plan-routes.js';
import { OpenApiDocument, OpenApiRoutes } from './routes/openapi-routes.js';
import { OutputRoutes } from './routes/output-routes.js';
import { PlanRoutes } from './routes/plan-routes.js';
import { RunRoutes } from './routes/run-routes.js';
import { SecretRoutes } from './routes/secret-routes.js';
import { Token } from './token.js';
import { TokenGuard } from './token-guard.js';
import { Workflows } from './workflows.js';

/** Every route there is. */
export const routes = [
  PlanRoutes,
  LivePlanRoutes,
  RunRoutes,
  OutputRoutes,
  EventRoutes,
  CollectedRoutes,
  SecretRoutes,
  HostRoutes,
  HealthRoutes,
  OpenApiRoutes,
];

/** What the routes need of the world, opened. */
export interface Opened {
  readonly records: Records;
  readonly workflows: Workflows;
  readonly feed: EventFeed;
  readonly recipient: Recipient;
  readonly token: Token;
}

@Module({})
export class AppModule {
  static of({ records, workflows, feed, recipient, token }: Opened): DynamicModule {
    return {
      module: AppModule,
      controllers: routes,
      providers: [
        { provide: Records, useValue: records },
        { provide: Workflows, useValue: workflows },
        { provide: EventFeed, useValue: feed },
        { provide: Recipient, useValue: recipient },
        { provide: Token, useValue: token },
        { provide: OpenApiDocument, useValue: new OpenApiDocument(openApi(routes)) },
        { provide: APP_GUARD, useClass: TokenGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe({ exceptionFactory: invalid }) },
      ],
    };
  }
}
