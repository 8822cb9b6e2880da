import { Refusal } from '../domain/refusal.ts';
import { runClosed, stateAt } from '../domain/sync-plan-run.ts';
import type { Connection } from '../store/database.ts';
import { findSyncRun, type StoredSyncRun } from '../store/sync-runs.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

/** What is done to users goes by the organization's clock, what becomes of runs by the server's. */
export interface SyncContext extends ActionContext {
  /** Epoch milliseconds. */
  readonly serverNow: () => number;
}

/** A run in the state in which it is by now; refuses with `not_found`. */
export async function requireSyncRun(
  organization: OrganizationId,
  connection: Connection,
  id: string,
  now: number,
): Promise<StoredSyncRun> {
  const run = await findSyncRun(organization, connection, id);
  if (!run) throw new Refusal('not_found', `There is no sync run "${id}".`);
  return { ...run, state: stateAt(run, now) };
}

/** The same of a run that is still open; refuses others with `sync_run_closed`. */
export async function requireOpenSyncRun(
  organization: OrganizationId,
  connection: Connection,
  id: string,
  now: number,
): Promise<StoredSyncRun> {
  const run = await requireSyncRun(organization, connection, id, now);
  if (run.state !== 'open') throw runClosed(run.state, 'Open a new one.');
  return run;
}
