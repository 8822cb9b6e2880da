export type {
  Cluster,
  Completion,
  Issue,
  SyncChange,
  SyncCommit,
  SyncCounts,
  SyncItem,
  SyncKept,
  SyncPlan,
  SyncRow,
  SyncRun,
  SyncRunTemplate,
  SyncThreshold,
  User,
  UserRef,
  UserTemplate,
} from './src/api-types.ts';
export type { Clusters } from './src/clusters.ts';
export type { CompletionStream, Completions, CompletionsQuery } from './src/completions.ts';
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  InvalidResponseError,
  NotFoundError,
  PermissionError,
  PlanChangedError,
  RateLimitError,
  RollcallError,
  ServerError,
  TimeoutError,
  TruncatedError,
  WebhookVerificationError,
} from './src/errors.ts';
export type { PagedList } from './src/pages.ts';
export { Rollcall, type RollcallOptions } from './src/rollcall.ts';
export type {
  AddedUsers,
  AddUsersOptions,
  PageOfSyncItems,
  PageOfSyncRuns,
  RefusedRow,
  SyncRuns,
} from './src/sync-runs.ts';
export type { RequestOptions } from './src/transport.ts';
export type { BatchFailure, BatchOptions, BatchProgress, BatchSummary } from './src/user-batches.ts';
export type { PageOfUsers, Users, UsersQuery } from './src/users.ts';
export { type ReceivedWebhook, verifyWebhook } from './src/webhooks.ts';
