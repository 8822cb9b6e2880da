import { runClosed } from '../domain/sync-plan-run.ts';
import { type StoredSyncRun, updateSyncRun } from '../store/sync-runs.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireSyncRun, type SyncContext } from './sync-run-access.ts';

/** Gives an open run up; one that is given up already stays as it is. */
export function cancelSyncRun(
  { database, serverNow }: SyncContext,
  organization: OrganizationId,
  id: string,
): Promise<StoredSyncRun> {
  return database.transaction(organization, async (transaction) => {
    const now = serverNow();
    const run = await requireSyncRun(organization, transaction, id, now);
    if (run.state === 'cancelled' || run.state === 'expired') return run;
    if (run.state !== 'open') throw runClosed(run.state, 'It cannot be cancelled; undo takes a committed run back.');
    await updateSyncRun(organization, transaction, id, { state: 'cancelled', touchedAt: now });
    return requireSyncRun(organization, transaction, id, now);
  });
}
