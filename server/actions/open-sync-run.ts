import { randomUUID } from 'node:crypto';
import type { SyncRunTemplate } from '@rollcall/contract/sync-run-shapes.ts';
import { formatDateTime } from '../domain/date-time.ts';
import { Refusal } from '../domain/refusal.ts';
import { readRunLabel, stateAt } from '../domain/sync-plan-run.ts';
import { findOpenSyncRun, insertSyncRun, type StoredSyncRun, updateSyncRun } from '../store/sync-runs.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireSyncRun, type SyncContext } from './sync-run-access.ts';

/** Opens a run, unless one is open already to which something came not long ago. */
export function openSyncRun(
  { database, serverNow }: SyncContext,
  organization: OrganizationId,
  { deactivateMissing = true, label }: SyncRunTemplate,
): Promise<StoredSyncRun> {
  const run = { id: randomUUID(), label: readRunLabel(label), deactivateMissing };
  return database.transaction(organization, async (transaction) => {
    const now = serverNow();
    const open = await findOpenSyncRun(organization, transaction);
    if (open && stateAt(open, now) === 'open') throw alreadyOpen(open);
    if (open) await updateSyncRun(organization, transaction, open.id, { state: 'expired' });
    await insertSyncRun(organization, transaction, { ...run, createdAt: now });
    return requireSyncRun(organization, transaction, run.id, now);
  });
}

function alreadyOpen({ id, label, touchedAt }: StoredSyncRun): Refusal {
  const name = label === null ? id : `${id} (${JSON.stringify(label)})`;
  return new Refusal('sync_run_open', `The sync run ${name} is still open. Go on with it, or cancel it first.`, {
    runId: id,
    label,
    updatedAt: formatDateTime(touchedAt),
  });
}
