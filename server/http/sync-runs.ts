import type {
  addSyncBatch,
  cancelSyncRun,
  getSyncRun,
  listSyncRuns,
  openSyncRun,
} from '@rollcall/contract/sync-runs.ts';
import { addSyncRunBatch } from '../actions/add-sync-run-batch.ts';
import { cancelSyncRun as giveUpRun } from '../actions/cancel-sync-run.ts';
import { openSyncRun as openRun } from '../actions/open-sync-run.ts';
import { requireSyncRun } from '../actions/sync-run-access.ts';
import { stateAt } from '../domain/sync-plan-run.ts';
import { pageSyncRuns } from '../store/sync-runs.ts';
import type { Handler } from './context.ts';
import { dataAnswer, listAnswer } from './manage/answers.ts';
import { presentSyncRun } from './present-sync-run.ts';

/** POST /v1/sync-runs. */
export const handleOpenSyncRun: Handler<typeof openSyncRun> = async (call) => {
  const run = await openRun(call, call.account.organization, call.body);
  return dataAnswer(presentSyncRun(run), {
    status: 201,
    headers: { location: `${call.publicUrl()}/v1/sync-runs/${run.id}` },
  });
};

/** GET /v1/sync-runs. */
export const handleListSyncRuns: Handler<typeof listSyncRuns> = (call) => {
  const { organization } = call.account;
  const now = call.serverNow();
  return listAnswer(call, {
    name: 'syncruns',
    read: (stretch) => pageSyncRuns(organization, call.database.reader, stretch),
    positionOf: ({ createdAt, id }) => ({ at: createdAt, id }),
    present: (run) => presentSyncRun({ ...run, state: stateAt(run, now) }),
  });
};

/** GET /v1/sync-runs/{runId}. */
export const handleGetSyncRun: Handler<typeof getSyncRun> = async (call) => {
  const { account, database, params } = call;
  const run = await requireSyncRun(account.organization, database.reader, params.runId, call.serverNow());
  return dataAnswer(presentSyncRun(run));
};

/** DELETE /v1/sync-runs/{runId}. */
export const handleCancelSyncRun: Handler<typeof cancelSyncRun> = async (call) =>
  dataAnswer(presentSyncRun(await giveUpRun(call, call.account.organization, call.params.runId)));

/** POST /v1/sync-runs/{runId}/users. */
export const handleAddSyncBatch: Handler<typeof addSyncBatch> = async (call) => {
  call.metrics.batchSize.observe({ operation: 'addSyncBatch' }, call.body.users.length);
  const { run, refused } = await addSyncRunBatch(call, call.account.organization, call.params.runId, call.body);
  return dataAnswer({ run: presentSyncRun(run), refused });
};
