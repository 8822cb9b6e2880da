import type { SyncBatch, SyncRow } from '@rollcall/contract/sync-run-shapes.ts';
import { type PreparedTemplate, prepareTemplates } from '../domain/batch-items.ts';
import type { Transaction } from '../store/database.ts';
import { type StoredSyncRun, updateSyncRun } from '../store/sync-runs.ts';
import { deleteSyncBatch, insertSyncRows, readSyncBatch, type StoredSyncRow } from '../store/sync-runs-rows.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireOpenSyncRun, type SyncContext } from './sync-run-access.ts';

/** A row that is wrong in itself. */
export interface RefusedRow {
  readonly index: number;
  readonly row?: number;
  readonly error: string;
}

/** Stores a batch of rows in an open run; one that was stored under the same number is replaced. */
export async function addSyncRunBatch(
  { database, serverNow }: SyncContext,
  organization: OrganizationId,
  runId: string,
  { batch, users }: SyncBatch,
): Promise<{ run: StoredSyncRun; refused: RefusedRow[] }> {
  const prepared = prepareTemplates(users);
  const rows = users.map((sent, index) => toRow(batch, index, sent, prepared[index] as PreparedTemplate));
  const run = await database.transaction(organization, async (transaction) => {
    const now = serverNow();
    const open = await requireOpenSyncRun(organization, transaction, runId, now);
    const changes = await replaceBatch(organization, transaction, open, batch, rows);
    const changed = { ...open, ...changes, touchedAt: now };
    await updateSyncRun(organization, transaction, runId, { ...changes, touchedAt: now });
    return changed;
  });
  const refused = prepared.flatMap(({ fault }, index) => (fault === null ? [] : refusal(index, users[index], fault)));
  return { run, refused };
}

function toRow(batch: number, index: number, sent: SyncRow, { remoteId, email }: PreparedTemplate): StoredSyncRow {
  return { batch, index, remoteId: remoteId ?? null, email: email ?? null, sent };
}

function refusal(index: number, sent: SyncRow | undefined, error: string): RefusedRow {
  return { index, ...(sent?.row !== undefined && { row: sent.row }), error };
}

/** Puts the rows in place of what the batch held; answers what is now different of the run. */
async function replaceBatch(
  organization: OrganizationId,
  transaction: Transaction,
  run: StoredSyncRun,
  batch: number,
  rows: readonly StoredSyncRow[],
): Promise<{ batches?: number; rows?: number; content?: number }> {
  const before = await readSyncBatch(organization, transaction, run.id, batch);
  if (before.length === rows.length && rows.every(({ sent }, index) => JSON.stringify(sent) === before[index])) {
    return {};
  }
  if (before.length > 0) await deleteSyncBatch(organization, transaction, run.id, batch);
  await insertSyncRows(organization, transaction, run.id, rows);
  return {
    batches: run.batches + (before.length > 0 ? 0 : 1),
    rows: run.rows + rows.length - before.length,
    content: run.content + 1,
  };
}
