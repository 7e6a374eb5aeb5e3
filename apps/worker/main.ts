import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createHostActivities } from '../../activities/ssh/activities.js';
import { createHostInquiries } from '../../activities/ssh/inquiries.js';
import { createHttpActivities } from '../../activities/http/activities.js';
import { createHttpLooks } from '../../activities/http/look-at-web-servers.js';
import { createSecretActivities } from '../../activities/secrets/activities.js';
import { createSecretLooks } from '../../activities/secrets/look-at-secrets.js';
import { createSqlActivities } from '../../activities/sql/activities.js';
import { createSqlLooks } from '../../activities/sql/look-at-databases.js';
import { createLdapActivities, createLdapLooks } from '../../activities/ldap/activities.js';
import { createRecordsActivities } from '../../activities/records/create.js';
import { createSessions } from '../../activities/ssh/sessions.js';
import { closeDatabase, openDatabase } from '../../database/connect.js';
import { taskQueue } from '../../workflows/messages.js';
import { bundlePath } from './bundle.js';
import { openWorkerKey } from './secrets/identity.js';
import { readSettings } from './settings.js';
import { databaseNeeds } from './wiring/databases.js';
import { directoryNeeds } from './wiring/directories.js';
import { fenced } from './wiring/fenced.js';
import { hostNeeds } from './wiring/hosts.js';
import { inquiryNeeds } from './wiring/inquiries.js';
import { openPlans } from './wiring/plans.js';
import { secretNeeds } from './wiring/secrets.js';
import { recordsNeeds, troubleRecords } from './wiring/records.js';
import { openRendering } from './wiring/rendering.js';
import { webServerNeeds } from './wiring/web-servers.js';
import { TryingAgain } from './wiring/trying-again.js';

/** The worker: the one process that opens runbook secrets and reaches hosts. It runs until it is told to stop. */
const settings = readSettings(process.env);
const db = await openDatabase(settings.BELAY_DATABASE_URL);
const key = await openWorkerKey(settings.BELAY_DATA);
const native = await NativeConnection.connect({ address: settings.BELAY_TEMPORAL_ADDRESS });
const connection = await Connection.connect({ address: settings.BELAY_TEMPORAL_ADDRESS });
const client = new Client({ connection, namespace: settings.BELAY_TEMPORAL_NAMESPACE });
const sessions = createSessions({
  ...(settings.SSH_AUTH_SOCK === undefined ? {} : { agentSocket: settings.SSH_AUTH_SOCK }),
});
const plans = openPlans(db);
const rendering = openRendering(db, plans, key);
const trying = new TryingAgain(troubleRecords(db));

const directories = directoryNeeds(db, plans, rendering, key, settings);
const webServers = webServerNeeds(db, plans, rendering, settings);
const secrets = secretNeeds(db, plans, rendering);
const databases = databaseNeeds(db, plans, rendering, key, settings);
const ownQueue = `${taskQueue}-worker-${randomUUID()}`;
const hostActivities = createHostActivities(hostNeeds(db, plans, rendering, sessions, key, settings));

const usual = {
  connection: native,
  namespace: settings.BELAY_TEMPORAL_NAMESPACE,
  interceptors: {
    activity: [
      ({ info }) => ({
        inbound: { execute: async (input, next) => trying.around(info, input.args, () => next(input)) },
      }),
    ],
  },
  maxConcurrentActivityTaskExecutions: 200,
  shutdownGraceTime: '30s',
  shutdownForceTime: '45s',
  // With a heartbeat time-out of 10 s the standard throttle would let a cancel wait for 8 s.
  maxHeartbeatThrottleInterval: '1s',
  defaultHeartbeatThrottleInterval: '1s',
} satisfies Partial<WorkerOptions>;

/** Made first, so that whoever is told of the queue finds somebody there. */
const own = await Worker.create({ ...usual, taskQueue: ownQueue, activities: { ...hostActivities } });
const worker = await Worker.create({
  ...usual,
  taskQueue,
  workflowBundle: { codePath: bundlePath },
  activities: {
    ...fenced(createRecordsActivities(recordsNeeds(db, client, plans, rendering, ownQueue)), client),
    ...hostActivities,
    ...createHostInquiries(inquiryNeeds(db, sessions, key, settings)),
    ...createHttpActivities(webServers),
    ...createHttpLooks(webServers),
    ...createLdapActivities(directories),
    ...createSecretActivities(secrets),
    ...createSecretLooks(secrets),
    ...createSqlActivities(databases),
    ...createSqlLooks(databases),
    ...createLdapLooks(directories),
  },
  maxConcurrentWorkflowTaskExecutions: 40,
  maxCachedWorkflows: 300,
});

const running = Promise.all([worker.run(), own.run()]);
process.send?.('ready');
try {
  await running;
} finally {
  await sessions.close();
  await connection.close();
  await native.close();
  await closeDatabase(db);
}
