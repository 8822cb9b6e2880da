import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';
import { addAccountApi } from './http/account.ts';
import { authenticate, requireScope } from './http/authenticate.ts';
import { addDocuments } from './http/documents.ts';
import { KeyUse } from './http/key-use.ts';
import { addManageApi } from './http/manage/manage.ts';
import { rateLimiter } from './http/rate-limit.ts';
import { createServer } from './http/server.ts';
import { addServiceRoutes } from './http/service.ts';
import { startSessionJob } from './jobs/advance-sessions.ts';
import { startSyncRunPurge } from './jobs/purge-sync-runs.ts';
import { type Mailer, startMailer } from './jobs/send-mail.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { addPages } from './pages/pages.ts';
import { addThumbnails } from './pages/thumbnails.ts';
import { addScim } from './scim/scim.ts';
import type { AnnouncementRelay } from './store/broadcast.ts';
import type { Database } from './store/database.ts';
import { openDatabase, prepareDatabase } from './store/open-database.ts';

/** A started server. */
export interface App extends AsyncDisposable {
  /** `http://HOST:PORT` as it really listens. */
  readonly address: string;
  readonly database: Database;
  readonly metrics: Metrics;
  /** Says that there may be mail to send, written by another process. */
  wakeMailer(): void;
}

/** The other processes that serve the same data under the same address. */
export interface Colleagues {
  /** Whether this process does what no request asks for: sessions begin and end, mail goes out. One of them does. */
  readonly hasJobs: boolean;
  readonly relay: AnnouncementRelay;
  /** Tells the one that has the jobs that there may be mail to send. */
  wakeMailer(): void;
  /** Prometheus' text of all of them, this one included. */
  gatherMetrics(): Promise<string>;
}

export interface AppOptions {
  readonly config: Config;
  /** Silent unless given. */
  readonly logger?: Logger;
  /** Epoch milliseconds; the system's clock unless a test brings its own. */
  readonly now?: () => number;
  /** Slug of the demo organization, where its host page (`/demo/intranet`) is to be served. */
  readonly demo?: string | null;
  /** null: this process serves alone, as far as it knows. */
  readonly colleagues?: Colleagues | null;
}

/** How long a stop waits for requests that run. */
const STOP_MS_MAX = 10_000;

/** Opens the database and serves from it; leaves nothing open where that fails, or the process would not end. */
export async function startApp(options: AppOptions): Promise<App> {
  const database = await openDatabase({
    ...options.config,
    relay: options.colleagues?.relay ?? null,
    onStandbyFailure: (error) => options.logger?.warn({ err: error }, 'the standby fails: the primary is read instead'),
  });
  try {
    await prepareDatabase(database);
    return await serveFrom(database, options);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** Puts the parts together and listens: the only place that knows them all. */
async function serveFrom(
  database: Database,
  { config, logger = pino({ level: 'silent' }), now = Date.now, demo = null, colleagues = null }: AppOptions,
): Promise<App> {
  const metrics = createMetrics(database.readCounts);
  const keyUse = new KeyUse(database, now, (error) => logger.warn({ err: error }, 'could not note the use of keys'));
  const limit = config.rateLimit === null ? null : rateLimiter(config.rateLimit, now);
  let isStopping = false;
  let address = '';
  const context = {
    database,
    now,
    metrics,
    publicUrl: () => config.publicUrl ?? address,
    isStopping: () => isStopping,
    admit: (account: Parameters<KeyUse['note']>[0]) => {
      limit?.(account);
      keyUse.note(account);
    },
  };
  const hasJobs = colleagues?.hasJobs ?? true;
  let mailer: Mailer | null = null;
  const server = createServer({ logger, metrics, trustProxy: config.trustProxy });
  addAccountApi(server, context);
  addManageApi(server, context);
  addScim(server, {
    ...context,
    authenticate: async (request) => {
      const account = await authenticate(request, context);
      requireScope(account, 'scim');
      context.admit(account);
      return account;
    },
  });
  addServiceRoutes(server, {
    ...context,
    gatherMetrics: () => (colleagues ? colleagues.gatherMetrics() : metrics.registry.metrics()),
  });
  addDocuments(server, context);
  addThumbnails(server);
  addPages(server, {
    ...context,
    logger,
    signUpLimit: config.signUpLimit,
    mail: config.mail && { wake: () => (hasJobs ? mailer?.wake() : colleagues?.wakeMailer()) },
    demo,
  });
  address = await server.listen({ host: config.host, port: config.port });
  mailer = hasJobs ? config.mail && startMailer({ ...config.mail, database, now, logger }) : null;
  const sessionJob = hasJobs ? startSessionJob({ database, now, logger, metrics }) : null;
  const purgeJob = hasJobs ? startSyncRunPurge({ database, now, logger, metrics }) : null;
  logger.info({ address }, 'listening');
  return {
    address,
    database,
    metrics,
    wakeMailer: () => mailer?.wake(),
    async [Symbol.asyncDispose]() {
      isStopping = true;
      await closeWithin(server, STOP_MS_MAX);
      await sessionJob?.[Symbol.asyncDispose]();
      await purgeJob?.[Symbol.asyncDispose]();
      await mailer?.[Symbol.asyncDispose]();
      await keyUse[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      logger.info('stopped');
    },
  };
}

/** How often a stop looks for connections that have become idle: a kept-alive one stays open after its last answer. */
const IDLE_CHECK_MS = 50;

/** Lets running requests finish; cuts off what takes longer than `ms`. */
async function closeWithin(server: FastifyInstance, ms: number): Promise<void> {
  const idle = setInterval(() => server.server.closeIdleConnections(), IDLE_CHECK_MS);
  const timer = setTimeout(() => server.server.closeAllConnections(), ms);
  await server.close();
  clearInterval(idle);
  clearTimeout(timer);
}
