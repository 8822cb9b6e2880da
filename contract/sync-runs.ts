import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { listOf, listQuery, listRules } from './manage/shapes.ts';
import { commonErrors, defineOperation } from './operation.ts';
import { faults, refusal } from './samples.ts';
import { choice, described, Uuid } from './shapes.ts';
import {
  SyncBatch,
  SyncBatchAnswer,
  SyncCommit,
  SyncItemList,
  SyncPlanAnswer,
  SyncRun,
  SyncRunAnswer,
  SyncRunTemplate,
  syncItemKinds,
} from './sync-run-shapes.ts';
import {
  cancelledRuns,
  committedRuns,
  openedRuns,
  syncBatchBodies,
  syncBatches,
  syncCommitBodies,
  syncItemLists,
  syncPlans,
  syncRunBodies,
  syncRunLists,
  syncRuns,
  undoneRuns,
} from './sync-runs-samples.ts';

const sample = '0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11';
const digestSample = '9c1a7f0d3f2f0f7f1f4f0b8a5d1e9c3b7a6f5e4d3c2b1a09f8e7d6c5b4a39281';
const params = Type.Object({ runId: described(Uuid, 'The sync run.', { examples: [sample] }) });

const readErrors = [...commonErrors, 'not_found'] as const;
const bodyErrors = ['payload_too_large', 'unsupported_media_type'] as const;

export const SyncRunList = listOf(SyncRun, 'SyncRunList', 'The sync runs, the latest first.');
export type SyncRunList = Static<typeof SyncRunList>;

/** POST /v1/sync-runs. */
export const openSyncRun = defineOperation({
  id: 'openSyncRun',
  method: 'POST',
  path: '/v1/sync-runs',
  scope: 'users:write',
  tag: 'Sync runs',
  summary: 'Open a sync run',
  description: `Opens a sync run: the safe way to bring the users in step with a whole roster. Add the roster to it in batches, look at its plan, then commit it; until then nobody's account is touched.

An organization has at most one open run, so that two never interleave. While one is open, another is refused with \`sync_run_open\`, which names it: go on with that one after a crash, or cancel it. A run that nothing was added to for ${limits.syncIdleHours} hours stands in nobody's way: it expires.

Runs are listed for ${limits.syncRunDays} days.`,
  body: SyncRunTemplate,
  bodyDescription: 'How the run is to work, as JSON; `{}` for a whole roster.',
  bodyExamples: syncRunBodies,
  responses: {
    201: {
      description: 'The run, open.',
      headers: ['Location'],
      content: { 'application/json': { schema: SyncRunAnswer, examples: openedRuns } },
    },
  },
  errors: [...commonErrors, ...bodyErrors, 'sync_run_open', 'insufficient_storage'],
  errorExamples: {
    invalid_request: {
      wrongTypes: faults('A member that is none', {
        pointer: '/deactivatemissing',
        message: 'is an unknown field; check its spelling or leave it out',
      }),
    },
    sync_run_open: {
      open: refusal(
        'Another run is open',
        'sync_run_open',
        `The sync run ${sample} ("roster of 2026-11-24") is still open. Go on with it, or cancel it first.`,
        { runId: sample, label: 'roster of 2026-11-24', updatedAt: '2026-11-24T01:00:02Z' },
      ),
    },
  },
});

/** GET /v1/sync-runs. */
export const listSyncRuns = defineOperation({
  id: 'listSyncRuns',
  method: 'GET',
  path: '/v1/sync-runs',
  scope: 'users:read',
  tag: 'Sync runs',
  summary: 'List sync runs',
  description: `Gives the sync runs of the last ${limits.syncRunDays} days, the latest first. ${listRules}`,
  query: Type.Object(listQuery),
  responses: {
    200: {
      description: 'A stretch of the list.',
      content: { 'application/json': { schema: SyncRunList, examples: syncRunLists } },
    },
  },
  errors: commonErrors,
});

/** GET /v1/sync-runs/{runId}. */
export const getSyncRun = defineOperation({
  id: 'getSyncRun',
  method: 'GET',
  path: '/v1/sync-runs/{runId}',
  scope: 'users:read',
  tag: 'Sync runs',
  summary: 'Get a sync run',
  description: 'Gives a sync run, with what came of it.',
  params,
  responses: {
    200: {
      description: 'The run.',
      content: { 'application/json': { schema: SyncRunAnswer, examples: syncRuns } },
    },
  },
  errors: readErrors,
});

/** POST /v1/sync-runs/{runId}/users. */
export const addSyncBatch = defineOperation({
  id: 'addSyncBatch',
  method: 'POST',
  path: '/v1/sync-runs/{runId}/users',
  scope: 'users:write',
  tag: 'Sync runs',
  summary: 'Add users to a sync run',
  description: `Adds 1 to ${limits.batchUsersMax} rows of the roster to an open run. Nothing is done about them until the run is committed.

Batches can be sent in any order and side by side. Each has a number of your choice, and one that is sent again under the same number replaces what it brought: so after a timeout or a crash, send it again. The same row in two batches counts once.

A row that is wrong in itself (an invalid email, too long a name) comes back in \`refused\` and does not hold up the others. Who is meant by a row, and what is written, follows the rules of the batch upsert; but as all rows are one change, their order does not matter, a person may take over an email that another person of the run gives up, and two rows that say different things of one person are a conflict: neither is carried out.`,
  params,
  body: SyncBatch,
  bodyDescription: 'The batch, as JSON.',
  bodyExamples: syncBatchBodies,
  responses: {
    200: {
      description: 'The batch is stored.',
      content: { 'application/json': { schema: SyncBatchAnswer, examples: syncBatches } },
    },
  },
  errors: [...readErrors, ...bodyErrors, 'sync_run_closed', 'insufficient_storage'],
  errorExamples: {
    invalid_request: {
      wrongTypes: faults(
        'A batch that does not fit the schema',
        { pointer: '/batch', message: 'is missing' },
        { pointer: '/users/0/row', message: 'must be an integer, not a string' },
      ),
    },
  },
});

/** GET /v1/sync-runs/{runId}/plan. */
export const getSyncPlan = defineOperation({
  id: 'getSyncPlan',
  method: 'GET',
  path: '/v1/sync-runs/{runId}/plan',
  scope: 'users:read',
  tag: 'Sync runs',
  summary: 'Get the plan of a sync run',
  description: `Says what committing an open run would do, in figures; the items of the plan say it person by person. The plan is made anew where rows, users or settings have changed; that takes some seconds for a hundred thousand rows. If the connection is closed meanwhile, ask again: the plan goes on being made. Of a run that is over it is the plan as committed.

**Deactivations** are active users whom no row names, provided that a batch upsert or a sync run ever brought them in: people who signed up themselves, who were made by hand or by SCIM are left alone. A row that is refused still names its user. Someone whom a run deactivated for being absent becomes active again once a roster has them, unless their account was changed in between.

**Fields edited by hand** (by an administrator, in the management API) stay as they are, and are shown as \`kept\`.`,
  params,
  responses: {
    200: {
      description: 'The plan.',
      content: { 'application/json': { schema: SyncPlanAnswer, examples: syncPlans } },
    },
  },
  errors: [...readErrors, 'sync_run_closed', 'insufficient_storage'],
});

/** GET /v1/sync-runs/{runId}/plan/items. */
export const listSyncPlanItems = defineOperation({
  id: 'listSyncPlanItems',
  method: 'GET',
  path: '/v1/sync-runs/{runId}/plan/items',
  scope: 'users:read',
  tag: 'Sync runs',
  summary: 'List the items of a plan',
  description: `Says person by person what committing the run would do, or what it did; kind by kind, without those that are unchanged. ${listRules} If \`digest\` differs from that of the stretch before, the plan was made anew: begin again.

Items of a committed run are kept for ${limits.syncUndoDays} days.`,
  params,
  query: Type.Object({
    kind: Type.Optional(choice(syncItemKinds, { description: 'Only items of this kind.', examples: ['update'] })),
    left: Type.Optional(
      Type.Boolean({
        description: 'With `true`: only items of which an undo left something alone.',
        examples: [true],
      }),
    ),
    ...listQuery,
  }),
  responses: {
    200: {
      description: 'A stretch of the items.',
      content: { 'application/json': { schema: SyncItemList, examples: syncItemLists } },
    },
  },
  errors: [...readErrors, 'sync_run_closed', 'insufficient_storage'],
});

/** POST /v1/sync-runs/{runId}/commit. */
export const commitSyncRun = defineOperation({
  id: 'commitSyncRun',
  method: 'POST',
  path: '/v1/sync-runs/{runId}/commit',
  scope: 'users:write',
  tag: 'Sync runs',
  summary: 'Commit a sync run',
  description: `Carries out the plan as one change: everybody sees all of it or nothing, whatever happens in the middle. Rows that are refused or in conflict are left out; \`result\` counts them. Committing a run that is committed already changes nothing and answers the same: so if the connection is closed before the answer comes, commit again.

With \`digest\`, the run is committed only if the plan is still the one that you saw; otherwise the answer is \`plan_changed\`. A plan that deactivates more people than the organization lets pass unseen (unless set otherwise: more than 10 % of the active users whom a sync brought in, and more than 10 people), or any with an empty roster, is refused with \`deactivation_threshold_exceeded\`, unless \`confirmDeactivations\` is its digest.

Users who are deactivated lose their seats in sessions that have not begun.`,
  params,
  body: SyncCommit,
  bodyDescription: 'What was seen and confirmed, as JSON; `{}` for nothing.',
  bodyExamples: syncCommitBodies,
  responses: {
    200: {
      description: 'The run, committed.',
      content: { 'application/json': { schema: SyncRunAnswer, examples: committedRuns } },
    },
  },
  errors: [
    ...readErrors,
    ...bodyErrors,
    'sync_run_closed',
    'plan_changed',
    'deactivation_threshold_exceeded',
    'insufficient_storage',
  ],
  errorExamples: {
    plan_changed: {
      changed: refusal(
        'Users were changed meanwhile',
        'plan_changed',
        'The plan is not the one that was confirmed. Read it again, then commit with its digest.',
        { digest: digestSample },
      ),
    },
    deactivation_threshold_exceeded: {
      truncated: refusal(
        'The roster broke off',
        'deactivation_threshold_exceeded',
        'This run would deactivate 198 of 401 active users whom a sync brought in; more than 10 % and 10 people need a confirmation. Look whether the roster is whole; if it is, commit with the digest of the plan as confirmDeactivations.',
        {
          digest: digestSample,
          threshold: { percent: 10, people: 10, deactivations: 198, active: 401, emptyRoster: false, exceeded: true },
        },
      ),
    },
  },
});

/** POST /v1/sync-runs/{runId}/undo. */
export const undoSyncRun = defineOperation({
  id: 'undoSyncRun',
  method: 'POST',
  path: '/v1/sync-runs/{runId}/undo',
  scope: 'users:write',
  tag: 'Sync runs',
  summary: 'Undo a sync run',
  description: `Takes a committed run back, within ${limits.syncUndoDays} days, as one change: users that it created are deactivated, fields that it changed get their former values, users that it deactivated are active again. What somebody changed after the run stays as it is; \`undo.leftAlone\` counts these users, and \`GET …/plan/items?left=true\` lists them. Seats that were lost do not come back. Undoing a run that is undone already changes nothing and answers the same.`,
  params,
  responses: {
    200: {
      description: 'The run, undone.',
      content: { 'application/json': { schema: SyncRunAnswer, examples: undoneRuns } },
    },
  },
  errors: [...readErrors, 'sync_run_closed', 'insufficient_storage'],
});

/** DELETE /v1/sync-runs/{runId}. */
export const cancelSyncRun = defineOperation({
  id: 'cancelSyncRun',
  method: 'DELETE',
  path: '/v1/sync-runs/{runId}',
  scope: 'users:write',
  tag: 'Sync runs',
  summary: 'Cancel a sync run',
  description:
    'Gives an open run up and forgets its rows. One that is cancelled or expired already stays as it is; one that was committed is refused: undo it.',
  params,
  responses: {
    200: {
      description: 'The run, cancelled.',
      content: { 'application/json': { schema: SyncRunAnswer, examples: cancelledRuns } },
    },
  },
  errors: [...readErrors, 'sync_run_closed', 'insufficient_storage'],
});
