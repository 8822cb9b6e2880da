// Written by `npm run openapi` from the contract, so that the package needs nothing else: do not edit.

/** One fault of a request. Exactly one of `pointer`, `parameter` and `header` says where it is, `message` what it is. */
export interface Issue {
  /** Place in the body, as a JSON Pointer (RFC 6901). The empty string is the body itself. */
  pointer?: string;
  /** Name of the query parameter. */
  parameter?: string;
  /** Name of the header. */
  header?: string;
  /** What is wrong there, for a person. */
  message: string;
}

/** The body of every error. */
export interface ErrorBody {
  /** Always false in an error. */
  success: false;
  /** What went wrong. */
  error: {
    /** What went wrong, for a person. The wording may change at any time. */
    message: string;
    /** Facts about the error, for programs. Members may be added. */
    metadata: {
      /** Stable word for the kind of error: decide on this one. New codes may be added; treat an unknown one by its HTTP status. */
      code: string;
      /** The same as the `X-Request-Id` header. */
      requestId: string;
      /** Every fault of the request. Only with `invalid_request`. */
      issues?: Array<Issue>;
      [member: string]: unknown;
    };
  };
  /** Always null in an error. */
  data: null;
}

/** A person known to the organization. */
export interface User {
  /** Opaque and permanent: 64 lower-case hexadecimal digits. */
  id: string;
  /** Given name; may be empty. */
  firstName: string;
  /** Family name; may be empty. */
  lastName: string;
  /** Email address in lower case, or null where none is known. */
  email: string | null;
  /** False once deactivated: the user can no longer sign up for sessions. */
  active: boolean;
  /** The id of the user in your own system, unique within the organization. Null where none is known. */
  remoteId: string | null;
}

/** One page of users. */
export interface UserPage {
  /** Always true in a successful answer. */
  success: true;
  /** The page. */
  data: {
    /** The users of this page, in order of creation. */
    items: Array<User>;
    /** Number of this page, counted from 0. */
    page: number;
    /** The `pageSize` in force; the last page may hold fewer users. */
    size: number;
    /** Number of the next page, null where this is the last. */
    next: number | null;
    /** Number of the page before, null where this is the first. Past the end: the last page that holds users. */
    prev: number | null;
    /** Number of pages that hold users, at this `pageSize`. */
    totalPages: number;
    /** Number of users on all pages, after filtering. */
    total: number;
  };
  /** Always null in a successful answer. */
  error: null;
}

export interface ListUsersQuery {
  /** Number of the page wanted, counted from 0. */
  page?: number;
  /** Greatest number of users on one page. Keep it the same throughout a walk. */
  pageSize?: number;
  /** Only active users (`true`) or only inactive ones (`false`). */
  active?: boolean;
  /** Only the user with this email address, compared without case. An address that nobody has gives an empty page; what is no address is refused. In a URL, write the `+` of an address as `%2B`. */
  email?: string;
  /** Only the user with exactly this `remoteId`. One that nobody has gives an empty page. */
  remoteId?: string;
  /** Only users created or changed at or after this moment, by the clock of this server; in order of creation, not of change. A batch that changed nothing of a user does not count. */
  updatedSince?: string;
}

/** What a user is to be. `remoteId` or `email` is needed, to find the user by; any member that is absent stays as it is. */
export interface UserTemplate {
  /** Optional check: where present it must be the `id` of the very user that `remoteId` or `email` finds. So a listed user, or a failed one once corrected, can be sent as it came. */
  id?: string;
  /** Given name; "" on creation. At most 256 characters. White space around it is trimmed; control characters are refused. */
  firstName?: string;
  /** Family name; "" on creation. At most 256 characters. White space around it is trimmed; control characters are refused. */
  lastName?: string;
  /** Email address. At most 254 characters, a valid address. Compared without case, its domain in IDNA ASCII form. Null takes it from a user that has a `remoteId`. */
  email?: string | null;
  /** False deactivates the user, true activates them again; true on creation. */
  active?: boolean;
  /** The id of the user in your own system, unique within the organization. 1 to 256 characters. White space around it is trimmed; control characters are refused. Null takes it from a user that has an `email`. */
  remoteId?: string | null;
}

/** Users to be created or updated. */
export interface UpsertBatch {
  /** 1 to 200 of them, carried out in this order. */
  users: Array<UserTemplate>;
}

/** The item as it was sent, plus `id` where the user exists. Corrected, it can be sent again as it is. */
export interface FailedUser {
  /** The `id` of the user, where the user exists; else as it was sent. */
  id?: string;
  /** Given name; "" on creation. At most 256 characters. White space around it is trimmed; control characters are refused. */
  firstName?: string;
  /** Family name; "" on creation. At most 256 characters. White space around it is trimmed; control characters are refused. */
  lastName?: string;
  /** Email address. At most 254 characters, a valid address. Compared without case, its domain in IDNA ASCII form. Null takes it from a user that has a `remoteId`. */
  email?: string | null;
  /** False deactivates the user, true activates them again; true on creation. */
  active?: boolean;
  /** The id of the user in your own system, unique within the organization. 1 to 256 characters. White space around it is trimmed; control characters are refused. Null takes it from a user that has an `email`. */
  remoteId?: string | null;
}

/** What came of each item of a batch: every one is either in `success` or in `failed`. */
export interface BatchResult {
  /** Always true in a successful answer. */
  success: true;
  /** What came of the items. */
  data: {
    /** One user for each item that was carried out, in the order sent, as they stand after the whole batch. */
    success: Array<User>;
    /** The items that the rules refused, in the order sent. Nothing of them was written. */
    failed: Array<{
      /** The item as it was sent, plus `id` where the user exists. Corrected, it can be sent again as it is. */
      user: FailedUser;
      /** Why the item was refused and what to do about it, for a person. */
      error: string;
    }>;
  };
  /** Always null in a successful answer. */
  error: null;
}

export interface BatchUpsertUsersQuery {
  /** With `true` the batch is judged and answered as if it were carried out, but nothing is written. The `id` shown for a user that does not exist yet is then not kept. */
  dryRun?: boolean;
}

/** Names one user by at least one of `id`, `remoteId` and `email`. Where several are given, all must name the same user. */
export interface UserRef {
  /** The `id` that this API gave the user. */
  id?: string;
  /** The id of the user in your own system, unique within the organization. Null counts as absent. */
  remoteId?: string | null;
  /** Email address. At most 254 characters, a valid address. Compared without case, its domain in IDNA ASCII form. Null counts as absent. */
  email?: string | null;
}

/** Users to be deactivated. */
export interface DeactivateBatch {
  /** 1 to 200 of them, carried out in this order. */
  users: Array<UserRef>;
}

export interface BatchDeactivateUsersQuery {
  /** With `true` the batch is judged and answered as if it were carried out, but nothing is written. The `id` shown for a user that does not exist yet is then not kept. */
  dryRun?: boolean;
}

/** How a sync run is to work. */
export interface SyncRunTemplate {
  /** Whether active users whom the roster lacks are deactivated; only those whom a batch upsert or a sync run ever brought in. Say false where the roster is a part of all. */
  deactivateMissing?: boolean;
  /** A name of your own for the run, such as the digest of the file, by which you know it again after a crash. At most 200 characters. */
  label?: string | null;
}

/** How many people fall under each kind. */
export interface SyncCounts {
  /** Users that are new. */
  create: number;
  /** Users of whom fields change, while they stay active or inactive. */
  update: number;
  /** Active users whom the roster lacks or calls inactive. */
  deactivate: number;
  /** Inactive users who become active again. */
  reactivate: number;
  /** Users who are as the roster has them. */
  unchanged: number;
  /** Users who differ from the roster only in fields that were edited by hand, and so stay as they are. */
  kept: number;
  /** Rows that contradict other rows or users. Nothing of them is written. */
  conflict: number;
  /** Rows that are wrong in themselves or outside of the trusted domains. Nothing of them is written. */
  refused: number;
}

/** What an undo did. */
export interface SyncUndo {
  /** Users created by the run who were deactivated. */
  deactivated: number;
  /** Users who got their former fields back. */
  restored: number;
  /** Users deactivated by the run who are active again. */
  reactivated: number;
  /** Users of whom something was left as it is, since somebody changed it after the run: `GET …/plan/items?left=true` lists them. */
  leftAlone: number;
}

/** A sync run. `result` is there once it is committed, `undo` once it is undone. */
export interface SyncRun {
  /** The run. */
  id: string;
  /** `open`: rows can be added. `committed`: done. `undone`: done and undone. `cancelled`: given up. `expired`: given up by the server, since nothing came for too long. */
  state: "open" | "committed" | "undone" | "cancelled" | "expired";
  /** What you named the run, null where you did not. */
  label: string | null;
  /** Whether the run deactivates those whom the roster lacks. */
  deactivateMissing: boolean;
  /** Batches received. */
  batches: number;
  /** Rows received. */
  rows: number;
  /** When the run was opened. */
  createdAt: string;
  /** When the run last changed: rows, state. */
  updatedAt: string;
  /** When an open run expires if nothing more is added; null once it is over. */
  expiresAt: string | null;
  /** When the run was committed. */
  committedAt: string | null;
  /** How many people fall under each kind. */
  result?: SyncCounts;
  /** Until when a committed run can be undone; null where it cannot. */
  undoableUntil: string | null;
  /** When the run was undone. */
  undoneAt: string | null;
  /** What an undo did. */
  undo?: SyncUndo;
}

/** The run, in the envelope. */
export interface SyncRunAnswer {
  /** Always true in a successful answer. */
  success: true;
  /** A sync run. `result` is there once it is committed, `undo` once it is undone. */
  data: SyncRun;
  /** Always null in a successful answer. */
  error: null;
}

/** A stretch of a list. The sync runs, the latest first. */
export interface SyncRunList {
  /** Always true in a successful answer. */
  success: true;
  /** A stretch of the list. */
  data: {
    /** The sync runs, the latest first. */
    items: Array<SyncRun>;
    /** Cursor of what follows: send it as `cursor`. Null where this is the end of the list. */
    next: string | null;
  };
  /** Always null in a successful answer. */
  error: null;
}

export interface ListSyncRunsQuery {
  /** Greatest number of items in one answer. */
  limit?: number;
  /** Where to go on: `next` of the answer before, as it came. Keep the filters the same along the way. Without it: from the beginning. */
  cursor?: string;
}

/** One person of the roster, as in a batch upsert: `remoteId` or `email` is needed, any member that is absent stays as it is. */
export interface SyncRow {
  /** Optional check: where present it must be the `id` of the very user that `remoteId` or `email` finds. So a listed user, or a failed one once corrected, can be sent as it came. */
  id?: string;
  /** Given name; "" on creation. At most 256 characters. White space around it is trimmed; control characters are refused. */
  firstName?: string;
  /** Family name; "" on creation. At most 256 characters. White space around it is trimmed; control characters are refused. */
  lastName?: string;
  /** Email address. At most 254 characters, a valid address. Compared without case, its domain in IDNA ASCII form. Null takes it from a user that has a `remoteId`. */
  email?: string | null;
  /** False deactivates the user, true activates them again; true on creation. */
  active?: boolean;
  /** The id of the user in your own system, unique within the organization. 1 to 256 characters. White space around it is trimmed; control characters are refused. Null takes it from a user that has an `email`. */
  remoteId?: string | null;
  /** Number of the row in your own file, so that the plan can name it. It takes no part in comparing rows. */
  row?: number;
}

/** Rows to be added to a sync run. */
export interface SyncBatch {
  /** Number of the batch, chosen by you. A number that was sent before replaces all that it brought, so that a batch can be repeated at will. */
  batch: number;
  /** 1 to 200 rows, in any order. */
  users: Array<SyncRow>;
}

/** What came of adding a batch to a sync run. */
export interface SyncBatchAnswer {
  /** Always true in a successful answer. */
  success: true;
  /** The run, and what is wrong with the batch. */
  data: {
    /** A sync run. `result` is there once it is committed, `undo` once it is undone. */
    run: SyncRun;
    /** The items that are wrong in themselves, already now; the plan shows them too. To mend them, send the whole batch again under the same number. */
    refused: Array<{
      /** Place of the item in `users`, counted from 0. */
      index: number;
      /** Its `row`, where it was given. */
      row?: number;
      /** Why the item is refused and what to do about it, for a person. */
      error: string;
    }>;
  };
  /** Always null in a successful answer. */
  error: null;
}

/** The deactivations, held against what the organization lets pass unseen. */
export interface SyncThreshold {
  /** Setting of the organization: so many percent of `active` may be deactivated unseen. */
  percent: number;
  /** Setting of the organization: so many people may be deactivated unseen. */
  people: number;
  /** Users whom this run would deactivate. */
  deactivations: number;
  /** Active users whom a sync ever brought in. */
  active: number;
  /** True where the run has no row that names anybody: then no deactivation passes unconfirmed. */
  emptyRoster: boolean;
  /** True where the deactivations are both more than `percent` and more than `people`, or where the roster is empty: committing then needs `confirmDeactivations`. */
  exceeded: boolean;
}

/** What committing a sync run would do. */
export interface SyncPlan {
  /** The run. */
  runId: string;
  /** Stands for all that the plan would do, whatever the order of the batches: as long as it is the same, so is the plan. */
  digest: string;
  /** How many people fall under each kind. */
  counts: SyncCounts;
  /** The deactivations, held against what the organization lets pass unseen. */
  threshold: SyncThreshold;
  /** When the plan was made. */
  plannedAt: string;
}

/** The plan, in the envelope. */
export interface SyncPlanAnswer {
  /** Always true in a successful answer. */
  success: true;
  /** What committing a sync run would do. */
  data: SyncPlan;
  /** Always null in a successful answer. */
  error: null;
}

/** One field that changes. */
export interface SyncChange {
  /** Name of the field. */
  field: "firstName" | "lastName" | "email" | "active" | "remoteId";
  /** What it is; null where it has no value, or where the user is new. */
  from: string | boolean | null;
  /** What it becomes. */
  to: string | boolean | null;
}

/** One field that stays as somebody edited it by hand, whatever the roster has. */
export interface SyncKept {
  /** Name of the field. */
  field: "firstName" | "lastName" | "email" | "active" | "remoteId";
  /** What it is and stays. */
  kept: string | boolean | null;
  /** What the roster has. */
  offered: string | boolean | null;
}

/** What becomes of one person. `user` is the user as before the run, absent where there is none yet; `sent` is the row of a `conflict` or `refused`, as it was sent. */
export interface SyncItem {
  /** What becomes of the person, or of the row. */
  kind: "create" | "update" | "deactivate" | "reactivate" | "kept" | "conflict" | "refused";
  /** Number of the batch that brought the row; absent where the roster lacks the user. */
  batch?: number;
  /** Place of the row in its batch, counted from 0. */
  index?: number;
  /** The `row` that was sent with it, if any. */
  row?: number;
  /** A person known to the organization. */
  user?: User;
  /** Each field that changes, with its old and its new value. */
  changes: Array<SyncChange>;
  /** Each field that stays as somebody edited it by hand. */
  kept: Array<SyncKept>;
  /** One person of the roster, as in a batch upsert: `remoteId` or `email` is needed, any member that is absent stays as it is. */
  sent?: SyncRow;
  /** Of `conflict` and `refused`: why, and what to do about it, for a person. */
  error?: string;
  /** Once the run is undone: the fields that the undo left alone, since somebody changed them. */
  left?: Array<"firstName" | "lastName" | "email" | "active" | "remoteId">;
}

/** A stretch of the items of a plan. */
export interface SyncItemList {
  /** Always true in a successful answer. */
  success: true;
  /** A stretch of the list. */
  data: {
    /** Digest of the plan that these items belong to. */
    digest: string;
    /** The items, kind by kind: create, update, deactivate, reactivate, kept, conflict, refused. Users that are unchanged are only counted. */
    items: Array<SyncItem>;
    /** Cursor of what follows: send it as `cursor`. Null at the end. */
    next: string | null;
  };
  /** Always null in a successful answer. */
  error: null;
}

export interface ListSyncPlanItemsQuery {
  /** Only items of this kind. */
  kind?: "create" | "update" | "deactivate" | "reactivate" | "kept" | "conflict" | "refused";
  /** With `true`: only items of which an undo left something alone. */
  left?: boolean;
  /** Greatest number of items in one answer. */
  limit?: number;
  /** Where to go on: `next` of the answer before, as it came. Keep the filters the same along the way. Without it: from the beginning. */
  cursor?: string;
}

/** What was seen and confirmed of the plan. */
export interface SyncCommit {
  /** Digest of the plan that you saw: the run is committed only if it would still do the same. */
  digest?: string;
  /** Digest of the plan that exceeds the threshold, where its deactivations are meant. */
  confirmDeactivations?: string;
}

/** The offer of one module on a set of dates. */
export interface Cluster {
  /** The cluster. */
  clusterId: string;
  /** The module on offer. */
  moduleId: string;
  /** Name of the module. */
  moduleName: string;
  /** Category of the module. */
  moduleCategory: string;
  /** Absolute URL of an image for the module, null where there is none. */
  moduleThumbnailUrl: string | null;
  /** What the module is about, in plain text. */
  moduleDescription: string;
  /** How long a session of the module lasts, in minutes. */
  duration: number;
  /** Embed code of the cluster’s sign-up form, ready to paste into a page of yours. Present only where self-registration is enabled. */
  iframeCode?: string;
}

/** All clusters that were asked for. */
export interface ClusterList {
  /** Always true in a successful answer. */
  success: true;
  /** The clusters. */
  data: {
    /** The clusters, in order of creation. */
    items: Array<Cluster>;
    /** Number of `items`. */
    total: number;
  };
}

export interface ListClustersQuery {
  /** Only clusters created at or after this moment. Without it: from the beginning. */
  from?: string;
  /** Only clusters created before this moment, which must be later than `from`. Without it: up to now. */
  to?: string;
}

/** What came of one registration once the session is over. */
export interface Completion {
  /** The record. It stays the same when the record is updated. */
  id: string;
  /** The `remoteId` that the participant had when the record was made; null for someone without one. */
  remoteUserId: string | null;
  /** The cluster that the session belongs to. */
  clusterId: string;
  /** The module that was taken. */
  moduleId: string;
  /** Name of the module at that time. */
  moduleName: string;
  /** Category of the module at that time. */
  moduleCategory: string;
  /** Absolute URL of an image for the module at that time, null where there was none. */
  moduleThumbnailUrl: string | null;
  /** What the module was about at that time, in plain text. */
  moduleDescription: string;
  /** How long the module takes, in minutes. */
  duration: number;
  /** True where the participant was in the room at any time from 10 minutes before the scheduled start until it closed. */
  attended: boolean;
  /** Scheduled start of the session. */
  sessionScheduledStartAt: string;
  /** Scheduled end of the session. */
  sessionScheduledEndAt: string;
  /** When the participant was first seen in the room; null for a no-show. */
  participantFirstVisitedAt: string | null;
  /** When the participant was last seen in the room; null for a no-show. */
  participantLastVisitedAt: string | null;
  /** Whole minutes of measured presence between first and last visit, rounded down. Time away from the room does not count; two open tabs count once. */
  timeInSessionMins: number;
  /** Number of steps of the module that were shown while the participant was present. */
  stepsVisited: number;
  /** Number of steps of the module. */
  totalSteps: number;
  /** `stepsVisited` of `totalSteps`, in percent, rounded; 0 where the module has no steps. */
  percentageStepsVisited: number;
  /** Fingerprint of all other members: 12 hexadecimal digits that change exactly when one of them does. Compare it with the one you stored; do not compute it yourself. */
  hash: string;
}

/** Completions in order of scheduled start, then id. A bare array, without an envelope. */
export type CompletionList = Array<Completion>;

export interface ListCompletionsQuery {
  /** Only sessions whose scheduled start is at or after this moment. Without it: from the first. */
  from?: string;
  /** Only sessions whose scheduled start is before this moment, which must be later than `from`. Without it: to the last. */
  to?: string;
  /** Only sessions of this cluster. One that does not exist gives an empty array. */
  clusterId?: string;
  /** Only records with exactly this `remoteUserId`. One that nobody has gives an empty array. */
  remoteUserId?: string;
  /** Only records that are new or whose `hash` changed since the answer that gave this cursor in its `X-Next-Cursor` header, in order of their latest change; one that changed several times comes once, as it stands. Keep the other filters the same from one cursor to the next. */
  changedSince?: string;
}

export const operations = {
  "listUsers": {
    "method": "GET",
    "path": "/v1/users"
  },
  "batchUpsertUsers": {
    "method": "POST",
    "path": "/v1/users/batch-upsert"
  },
  "batchDeactivateUsers": {
    "method": "POST",
    "path": "/v1/users/batch-deactivate"
  },
  "openSyncRun": {
    "method": "POST",
    "path": "/v1/sync-runs"
  },
  "listSyncRuns": {
    "method": "GET",
    "path": "/v1/sync-runs"
  },
  "getSyncRun": {
    "method": "GET",
    "path": "/v1/sync-runs/{runId}"
  },
  "addSyncBatch": {
    "method": "POST",
    "path": "/v1/sync-runs/{runId}/users"
  },
  "getSyncPlan": {
    "method": "GET",
    "path": "/v1/sync-runs/{runId}/plan"
  },
  "listSyncPlanItems": {
    "method": "GET",
    "path": "/v1/sync-runs/{runId}/plan/items"
  },
  "commitSyncRun": {
    "method": "POST",
    "path": "/v1/sync-runs/{runId}/commit"
  },
  "undoSyncRun": {
    "method": "POST",
    "path": "/v1/sync-runs/{runId}/undo"
  },
  "cancelSyncRun": {
    "method": "DELETE",
    "path": "/v1/sync-runs/{runId}"
  },
  "listClusters": {
    "method": "GET",
    "path": "/v1/clusters"
  },
  "listCompletions": {
    "method": "GET",
    "path": "/v1/completions"
  }
} as const;

export const limits = {
  "batchUsersMax": 200
} as const;
