import type { SyncCounts, SyncRunState, SyncThreshold } from '@rollcall/contract/sync-run-shapes.ts';
import { type Selectable, sql } from 'kysely';
import type { Connection, Transaction } from './database.ts';
import type { Stretch } from './page.ts';
import type { OrganizationId, SyncRunsTable } from './tables.ts';

/** A plan that was finished: its items have its number. */
export interface StoredPlan {
  readonly number: number;
  /** All that the plan hangs on; while it is the same, so is the plan. */
  readonly basis: string;
  readonly digest: string;
  readonly counts: SyncCounts;
  readonly threshold: SyncThreshold;
  /** Stored users whose email or remote id changes. */
  readonly rekeyed: number;
  /** Epoch milliseconds. */
  readonly plannedAt: number;
}

export interface UndoFigures {
  readonly deactivated: number;
  readonly restored: number;
  readonly reactivated: number;
  readonly leftAlone: number;
}

/** A sync run as stored; times are epoch milliseconds by the server's clock. */
export interface StoredSyncRun {
  readonly id: string;
  readonly state: SyncRunState;
  readonly label: string | null;
  readonly deactivateMissing: boolean;
  readonly batches: number;
  readonly rows: number;
  /** Grows whenever the rows change. */
  readonly content: number;
  readonly createdAt: number;
  readonly touchedAt: number;
  readonly committedAt: number | null;
  readonly undoneAt: number | null;
  readonly plan: StoredPlan | null;
  /** Position of the first user that the commit created; the others follow, in the order of their items. */
  readonly firstCreated: number | null;
  readonly undo: UndoFigures | null;
  /** Whether rows and items are gone. */
  readonly purged: boolean;
}

function fromRow(row: Selectable<SyncRunsTable>): StoredSyncRun {
  const plan = row.plan === null ? null : (JSON.parse(row.plan) as Omit<StoredPlan, 'number'>);
  return {
    id: row.id,
    state: row.state,
    label: row.label,
    deactivateMissing: row.deactivate_missing === 1,
    batches: row.batch_count,
    rows: row.row_count,
    content: row.content,
    createdAt: Number(row.created_at),
    touchedAt: Number(row.touched_at),
    committedAt: row.committed_at === null ? null : Number(row.committed_at),
    undoneAt: row.undone_at === null ? null : Number(row.undone_at),
    plan: plan && row.plan_number !== null ? { ...plan, number: row.plan_number } : null,
    firstCreated: row.first_created,
    undo: row.undo === null ? null : (JSON.parse(row.undo) as UndoFigures),
    purged: row.purged === 1,
  };
}

export async function insertSyncRun(
  organization: OrganizationId,
  transaction: Transaction,
  run: Pick<StoredSyncRun, 'id' | 'label' | 'deactivateMissing' | 'createdAt'>,
): Promise<void> {
  await transaction.kysely
    .insertInto('sync_runs')
    .values({
      organization_id: organization,
      id: run.id,
      state: 'open',
      label: run.label,
      deactivate_missing: run.deactivateMissing ? 1 : 0,
      created_at: run.createdAt,
      touched_at: run.createdAt,
      committed_at: null,
      undone_at: null,
      plan_number: null,
      plan: null,
      first_created: null,
      undo: null,
    })
    .execute();
}

export async function findSyncRun(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<StoredSyncRun | null> {
  const row = await connection.kysely
    .selectFrom('sync_runs')
    .selectAll()
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** The run that is open, also where nothing came for long. */
export async function findOpenSyncRun(
  organization: OrganizationId,
  connection: Connection,
): Promise<StoredSyncRun | null> {
  const row = await connection.kysely
    .selectFrom('sync_runs')
    .selectAll()
    .where('organization_id', '=', organization)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** Runs, the latest first. */
export async function pageSyncRuns(
  organization: OrganizationId,
  connection: Connection,
  { after, limit }: Stretch,
): Promise<StoredSyncRun[]> {
  let query = connection.kysely.selectFrom('sync_runs').selectAll().where('organization_id', '=', organization);
  if (after) {
    query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(after.at, after.id)));
  }
  const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(fromRow);
}

/** Writes what is now different of a run. */
export async function updateSyncRun(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  changes: {
    readonly state?: SyncRunState;
    readonly batches?: number;
    readonly rows?: number;
    readonly content?: number;
    readonly touchedAt?: number;
    readonly committedAt?: number;
    readonly undoneAt?: number;
    readonly firstCreated?: number;
    readonly undo?: UndoFigures;
    readonly purged?: true;
  },
): Promise<void> {
  const { state, batches, rows, content, touchedAt, committedAt, undoneAt, firstCreated, undo, purged } = changes;
  await transaction.kysely
    .updateTable('sync_runs')
    .set({
      ...(state !== undefined && { state }),
      ...(batches !== undefined && { batch_count: batches }),
      ...(rows !== undefined && { row_count: rows }),
      ...(content !== undefined && { content }),
      ...(touchedAt !== undefined && { touched_at: touchedAt }),
      ...(committedAt !== undefined && { committed_at: committedAt }),
      ...(undoneAt !== undefined && { undone_at: undoneAt }),
      ...(firstCreated !== undefined && { first_created: firstCreated }),
      ...(undo !== undefined && { undo: JSON.stringify(undo) }),
      ...(purged && { purged: 1 as const }),
    })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
}

/** Takes the number of a new plan, greater than any before. */
export async function takePlanNumber(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
): Promise<number> {
  const row = await transaction.kysely
    .updateTable('sync_runs')
    .set(({ eb }) => ({ plan_latest: eb('plan_latest', '+', 1) }))
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .returning('plan_latest')
    .executeTakeFirstOrThrow();
  return row.plan_latest;
}

/** Puts a finished plan in force, unless a later one is already. */
export async function putSyncPlan(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  { number, ...plan }: StoredPlan,
): Promise<void> {
  await transaction.kysely
    .updateTable('sync_runs')
    .set({ plan_number: number, plan: JSON.stringify(plan) })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .where((eb) => eb.or([eb('plan_number', 'is', null), eb('plan_number', '<', number)]))
    .execute();
}

/** All that a plan hangs on besides the rows of its run. */
export interface SyncSettings {
  readonly usersVersion: number;
  readonly trustedDomains: readonly string[] | null;
  readonly thresholdPercent: number;
  readonly thresholdPeople: number;
}

export async function getSyncSettings(organization: OrganizationId, connection: Connection): Promise<SyncSettings> {
  const row = await connection.kysely
    .selectFrom('organizations')
    .select([
      'users_version',
      'trusted_domains_enabled',
      'trusted_domains',
      'sync_threshold_percent',
      'sync_threshold_people',
    ])
    .where('id', '=', organization)
    .executeTakeFirstOrThrow();
  return {
    usersVersion: Number(row.users_version),
    trustedDomains: row.trusted_domains_enabled === 1 ? (JSON.parse(row.trusted_domains) as string[]) : null,
    thresholdPercent: row.sync_threshold_percent,
    thresholdPeople: row.sync_threshold_people,
  };
}

/** A run of any organization, for the job that clears up. */
export interface ListedSyncRun {
  readonly organization: OrganizationId;
  readonly id: string;
  readonly state: SyncRunState;
  readonly createdAt: number;
  readonly touchedAt: number;
  readonly committedAt: number | null;
  readonly purged: boolean;
}

/** Runs of all organizations in the order of their keys, after that one: for a walk over all. */
export async function listSyncRunsAfter(
  connection: Connection,
  after: { readonly organization: number; readonly id: string },
  limit: number,
): Promise<ListedSyncRun[]> {
  const rows = await connection.kysely
    .selectFrom('sync_runs')
    .select(['organization_id', 'id', 'state', 'created_at', 'touched_at', 'committed_at', 'purged'])
    .where(sql<boolean>`(organization_id, id) > (${after.organization}, ${after.id})`)
    .orderBy('organization_id')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    organization: row.organization_id,
    id: row.id,
    state: row.state,
    createdAt: Number(row.created_at),
    touchedAt: Number(row.touched_at),
    committedAt: row.committed_at === null ? null : Number(row.committed_at),
    purged: row.purged === 1,
  }));
}

export async function deleteSyncRun(organization: OrganizationId, transaction: Transaction, id: string): Promise<void> {
  await transaction.kysely
    .deleteFrom('sync_runs')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
}
