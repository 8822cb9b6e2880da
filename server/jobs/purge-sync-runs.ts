import type { Logger } from 'pino';
import { purgeSyncRuns } from '../actions/purge-sync-runs.ts';
import type { Metrics } from '../metrics.ts';
import type { Database } from '../store/database.ts';
import { startLoop } from './loop.ts';

export interface PurgeJobOptions {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const PAUSE_MS = 3_600_000;
/** Not at once: a start has better things to do. */
const FIRST_PAUSE_MS = 60_000;

/** Starts the job that clears up after sync runs, every hour, until it is disposed; what it is at then is finished. */
export function startSyncRunPurge({ database, now, logger, metrics }: PurgeJobOptions): AsyncDisposable {
  const turn = async () => {
    try {
      await purgeSyncRuns({ database, now });
    } catch (error) {
      metrics.jobFailures.inc({ job: 'sync-runs' });
      logger.error({ err: error }, 'could not clear up after sync runs');
    }
    return PAUSE_MS;
  };
  return startLoop(turn, { firstPauseMs: FIRST_PAUSE_MS });
}
