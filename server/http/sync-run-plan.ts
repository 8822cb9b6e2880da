import { limits } from '@rollcall/contract/limits.ts';
import { syncItemKinds } from '@rollcall/contract/sync-run-shapes.ts';
import type { commitSyncRun, getSyncPlan, listSyncPlanItems, undoSyncRun } from '@rollcall/contract/sync-runs.ts';
import { commitSyncRun as commitRun } from '../actions/commit-sync-run.ts';
import { planSyncRun } from '../actions/plan-sync-run.ts';
import { undoSyncRun as undoRun } from '../actions/undo-sync-run.ts';
import { readItemCursor, writeItemCursor } from '../domain/sync-plan-cursor.ts';
import { runClosed } from '../domain/sync-plan-run.ts';
import {
  type ItemPlace,
  readSyncItemsAfter,
  readSyncItemsOfKind,
  type StoredSyncItem,
} from '../store/sync-runs-items.ts';
import type { Call, Handler } from './context.ts';
import { dataAnswer } from './manage/answers.ts';
import { presentSyncItem, presentSyncPlan, presentSyncRun } from './present-sync-run.ts';

/** GET /v1/sync-runs/{runId}/plan. */
export const handleGetSyncPlan: Handler<typeof getSyncPlan> = async (call) =>
  dataAnswer(presentSyncPlan(await planSyncRun(call, call.account.organization, call.params.runId)));

/** GET /v1/sync-runs/{runId}/plan/items. */
export const handleListSyncPlanItems: Handler<typeof listSyncPlanItems> = async (call) => {
  const { runId } = call.params;
  const { cursor, limit = limits.listLimitDefault } = call.query;
  const after = cursor === undefined ? null : readItemCursor(runId, syncItemKinds, cursor);
  const { run, plan } = await planSyncRun(call, call.account.organization, runId);
  if (run.purged) throw runClosed(run.state, 'That is long ago: its items are gone, its figures are still there.');
  const items = await readItems(call, { runId, number: plan.number }, after, limit + 1);
  const shown = items.slice(0, limit);
  const last = items.length > limit ? shown.at(-1) : undefined;
  const next = last ? writeItemCursor(runId, last) : null;
  return dataAnswer({ digest: plan.digest, items: shown.map(presentSyncItem), next });
};

function readItems(
  { account, database, query }: Call<typeof listSyncPlanItems>,
  key: { readonly runId: string; readonly number: number },
  after: ItemPlace | null,
  limit: number,
): Promise<StoredSyncItem[]> {
  const { kind, left = false } = query;
  const { organization } = account;
  if (kind === undefined) return readSyncItemsAfter(organization, database.reader, key, after, limit, left);
  const place = after?.kind === kind ? after : { kind, number: -1 };
  return readSyncItemsOfKind(organization, database.reader, key, place, limit, left);
}

/** POST /v1/sync-runs/{runId}/commit. */
export const handleCommitSyncRun: Handler<typeof commitSyncRun> = async (call) => {
  const { run, isNew } = await commitRun(call, call.account.organization, call.params.runId, call.body);
  if (isNew && run.plan) {
    const { create, update, deactivate, reactivate } = run.plan.counts;
    call.metrics.usersWritten.inc({ change: 'created' }, create);
    call.metrics.usersWritten.inc({ change: 'updated' }, update + deactivate + reactivate);
  }
  return dataAnswer(presentSyncRun(run));
};

/** POST /v1/sync-runs/{runId}/undo. */
export const handleUndoSyncRun: Handler<typeof undoSyncRun> = async (call) =>
  dataAnswer(presentSyncRun(await undoRun(call, call.account.organization, call.params.runId)));
