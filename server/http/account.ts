import { listClusters } from '@rollcall/contract/clusters.ts';
import { listCompletions } from '@rollcall/contract/completions.ts';
import * as syncRuns from '@rollcall/contract/sync-runs.ts';
import { batchDeactivateUsers, batchUpsertUsers, listUsers } from '@rollcall/contract/users.ts';
import type { FastifyInstance } from 'fastify';
import { handleBatchDeactivateUsers, handleBatchUpsertUsers } from './batch-users.ts';
import type { DoorContext } from './context.ts';
import { handleListClusters } from './list-clusters.ts';
import { handleListCompletions } from './list-completions.ts';
import { handleListUsers } from './list-users.ts';
import { type Admission, addOperation } from './pipeline.ts';
import { handleCommitSyncRun, handleGetSyncPlan, handleListSyncPlanItems, handleUndoSyncRun } from './sync-run-plan.ts';
import {
  handleAddSyncBatch,
  handleCancelSyncRun,
  handleGetSyncRun,
  handleListSyncRuns,
  handleOpenSyncRun,
} from './sync-runs.ts';

/** The Account API. */
export function addAccountApi(app: FastifyInstance, context: DoorContext & { readonly admit: Admission }): void {
  addOperation(app, context, listClusters, handleListClusters);
  addOperation(app, context, listCompletions, handleListCompletions);
  addOperation(app, context, listUsers, handleListUsers);
  addOperation(app, context, batchUpsertUsers, handleBatchUpsertUsers);
  addOperation(app, context, batchDeactivateUsers, handleBatchDeactivateUsers);

  addOperation(app, context, syncRuns.openSyncRun, handleOpenSyncRun);
  addOperation(app, context, syncRuns.listSyncRuns, handleListSyncRuns);
  addOperation(app, context, syncRuns.getSyncRun, handleGetSyncRun);
  addOperation(app, context, syncRuns.addSyncBatch, handleAddSyncBatch);
  addOperation(app, context, syncRuns.getSyncPlan, handleGetSyncPlan);
  addOperation(app, context, syncRuns.listSyncPlanItems, handleListSyncPlanItems);
  addOperation(app, context, syncRuns.commitSyncRun, handleCommitSyncRun);
  addOperation(app, context, syncRuns.undoSyncRun, handleUndoSyncRun);
  addOperation(app, context, syncRuns.cancelSyncRun, handleCancelSyncRun);
}
