import type { SyncItem, SyncPlan, SyncRun } from '@rollcall/contract/sync-run-shapes.ts';
import type { User } from '@rollcall/contract/users.ts';
import type { PlannedRun } from '../actions/plan-sync-run.ts';
import { formatDateTime } from '../domain/date-time.ts';
import { expiresAt, undoableUntil } from '../domain/sync-plan-run.ts';
import { differing } from '../domain/sync-plan-undo.ts';
import type { StoredSyncRun } from '../store/sync-runs.ts';
import type { StoredSyncItem } from '../store/sync-runs-items.ts';

const formatTime = (at: number | null): string | null => (at === null ? null : formatDateTime(at));

/** A run as the contract shows it. */
export function presentSyncRun(run: StoredSyncRun): SyncRun {
  return {
    id: run.id,
    state: run.state,
    label: run.label,
    deactivateMissing: run.deactivateMissing,
    batches: run.batches,
    rows: run.rows,
    createdAt: formatDateTime(run.createdAt),
    updatedAt: formatDateTime(run.touchedAt),
    expiresAt: formatTime(expiresAt(run)),
    committedAt: formatTime(run.committedAt),
    ...(run.committedAt !== null && run.plan && { result: run.plan.counts }),
    undoableUntil: formatTime(undoableUntil(run)),
    undoneAt: formatTime(run.undoneAt),
    ...(run.undo && { undo: run.undo }),
  };
}

/** A plan as the contract shows it. */
export function presentSyncPlan({ run, plan }: PlannedRun): SyncPlan {
  const { digest, counts, threshold, plannedAt } = plan;
  return { runId: run.id, digest, counts, threshold, plannedAt: formatDateTime(plannedAt) };
}

/** Whoever does not exist yet has no value in any field. */
const NOBODY = { firstName: null, lastName: null, email: null, active: null, remoteId: null };

/** An item of a plan as the contract shows it. */
export function presentSyncItem(item: StoredSyncItem): SyncItem {
  const { place, row, sent, error, leftAlone } = item;
  const before = item.before === null ? null : (JSON.parse(item.before) as User);
  return {
    kind: item.kind as SyncItem['kind'],
    ...(place && { batch: place.batch, index: place.index }),
    ...(row !== null && { row }),
    ...(before && { user: before }),
    changes: changesOf(before, item.after === null ? null : (JSON.parse(item.after) as User)),
    kept: [...item.kept],
    ...(sent && { sent }),
    ...(error !== null && { error }),
    ...(leftAlone.length > 0 && { left: leftAlone as NonNullable<SyncItem['left']> }),
  };
}

function changesOf(before: User | null, after: User | null): SyncItem['changes'] {
  if (!after) return [];
  const former = before ?? NOBODY;
  return differing(former, after).map((field) => ({ field, from: former[field], to: after[field] }));
}
