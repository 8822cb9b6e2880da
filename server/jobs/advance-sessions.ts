import type { Logger } from 'pino';
import { advanceSessions } from '../actions/advance-sessions.ts';
import type { Metrics } from '../metrics.ts';
import type { Database } from '../store/database.ts';
import { listDueOrganizations } from '../store/due-sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { startLoop } from './loop.ts';

export interface SessionJobOptions {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** How often it looks what is due next: for what other processes have scheduled meanwhile. */
const LOOK_MS = 1_000;
/** Organizations worked on at the same time, whose transactions the store commits together. */
const ORGANIZATIONS_AT_ONCE = 16;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;

/** An organization whose sessions could not be advanced: left alone until `at`, in milliseconds of the process. */
interface Retry {
  readonly at: number;
  readonly pauseMs: number;
}

/** What the steps of the job share. */
interface Run extends SessionJobOptions {
  readonly retries: Map<OrganizationId, Retry>;
}

/**
 * Starts the job that opens and ends sessions when their time has come: it sleeps until the next one is due. Several
 * processes may run it on the same data; one that is killed leaves what it was at to the next look of another, or to its
 * own next start. A failure is logged and tried again, ever more seldom, and holds no other organization up. Dispose it
 * to stop; what it is at then is finished.
 */
export function startSessionJob(options: SessionJobOptions): AsyncDisposable {
  const run: Run = { ...options, retries: new Map() };
  return startLoop(() => advanceDue(run));
}

/** Advances what is due, some organizations at a time; answers for how long there is nothing to do, in milliseconds. */
async function advanceDue(run: Run): Promise<number> {
  try {
    const except = [...run.retries]
      .filter(([, { at }]) => at > performance.now())
      .map(([organization]) => organization);
    const next = await listDueOrganizations(run.database.reader, { except, limit: ORGANIZATIONS_AT_ONCE + 1 });
    const now = run.now();
    const due = next.slice(0, ORGANIZATIONS_AT_ONCE).filter(({ dueAt }) => dueAt <= now);
    await Promise.all(due.map(({ organization }) => advance(run, organization)));
    const waiting = next[due.length];
    return waiting === undefined ? LOOK_MS : Math.min(LOOK_MS, Math.max(0, waiting.dueAt - run.now()));
  } catch (error) {
    reportFailure(run, error, {});
    return LOOK_MS;
  }
}

async function advance(run: Run, organization: OrganizationId): Promise<void> {
  const { metrics, retries } = run;
  try {
    const { opened, ended } = await advanceSessions(run, organization);
    metrics.sessionsAdvanced.inc({ change: 'opened' }, opened);
    metrics.sessionsAdvanced.inc({ change: 'ended' }, ended);
    retries.delete(organization);
  } catch (error) {
    const before = retries.get(organization)?.pauseMs ?? RETRY_MS_MIN / 2;
    const pauseMs = Math.min(RETRY_MS_MAX, before * 2);
    retries.set(organization, { at: performance.now() + pauseMs, pauseMs });
    reportFailure(run, error, { organization, pauseMs });
  }
}

function reportFailure({ logger, metrics }: Run, error: unknown, details: object): void {
  metrics.jobFailures.inc({ job: 'sessions' });
  logger.error({ err: error, ...details }, 'could not open and end sessions');
}
