import { type SyncKept, type SyncRow, syncItemKinds } from '@rollcall/contract/sync-run-shapes.ts';
import type { Connection, Transaction } from './database.ts';
import { insertEach, updateEach } from './dialect.ts';
import { prepared, type Value } from './prepared.ts';
import type { RowPlace } from './sync-runs-rows.ts';
import type { OrganizationId } from './tables.ts';

/** Besides what the contract shows: users whom a roster brings in though they were there before, `adopted`. */
const kinds = [...syncItemKinds, 'adopted'] as const;
export type StoredItemKind = (typeof kinds)[number];

/** What a plan does to one person. Documents are the user as the contract shows it (JSON). */
export interface StoredSyncItem {
  readonly kind: StoredItemKind;
  /** 0, 1, 2 … without gaps within the kind. */
  readonly number: number;
  /** The row that it comes from; null where the roster lacks the user. */
  readonly place: RowPlace | null;
  /** The number that the row has in the caller's own file. */
  readonly row: number | null;
  /** The user's position; null where there is none yet. */
  readonly position: number | null;
  readonly before: string | null;
  readonly after: string | null;
  /** Whether the email or the remote id of a stored user changes. */
  readonly rekeyed: boolean;
  readonly kept: readonly SyncKept[];
  /** The row as it was sent; of items that came from one. */
  readonly sent: SyncRow | null;
  readonly error: string | null;
  /** The fields that the undo left alone. */
  readonly leftAlone: readonly string[];
}

/** The items of one plan of a run. */
export interface PlanKey {
  readonly runId: string;
  readonly number: number;
}

const columns = [
  ...(['kind', 'number', 'batch', 'place', 'row_label', 'position', 'before', 'after'] as const),
  ...(['rekeyed', 'kept', 'sent', 'error', 'left_alone'] as const),
] as const;

const insertItem = insertEach('sync_items', ['organization_id', 'run_id', 'plan_number', ...columns]);

export async function insertSyncItems(
  organization: OrganizationId,
  transaction: Transaction,
  plan: PlanKey,
  items: readonly StoredSyncItem[],
): Promise<void> {
  await transaction.runMany(
    insertItem,
    items.map((item) => ({
      organization_id: organization,
      run_id: plan.runId,
      plan_number: plan.number,
      kind: kinds.indexOf(item.kind),
      number: item.number,
      batch: item.place?.batch ?? null,
      place: item.place?.index ?? null,
      row_label: item.row,
      position: item.position,
      before: item.before,
      after: item.after,
      rekeyed: item.rekeyed ? 1 : 0,
      kept: jsonOrNull(item.kept),
      sent: item.sent === null ? null : JSON.stringify(item.sent),
      error: item.error,
      left_alone: jsonOrNull(item.leftAlone),
    })),
  );
}

function jsonOrNull(list: readonly unknown[]): string | null {
  return list.length === 0 ? null : JSON.stringify(list);
}

function fromColumns(row: Value[]): StoredSyncItem {
  const [kind, number, batch, place, label, position, before, after, rekeyed, kept, sent, error, leftAlone] = row;
  return {
    kind: kinds[kind as number],
    number,
    place: batch === null ? null : { batch, index: place },
    row: label,
    position,
    before,
    after,
    rekeyed: rekeyed === 1,
    kept: kept === null ? [] : JSON.parse(kept as string),
    sent: sent === null ? null : JSON.parse(sent as string),
    error,
    leftAlone: leftAlone === null ? [] : JSON.parse(leftAlone as string),
  } as StoredSyncItem;
}

interface ItemsAfter {
  readonly organization: OrganizationId;
  readonly run: string;
  readonly plan: number;
  readonly kind: number;
  readonly number: number;
  readonly limit: number;
}

/** Items along their key, all of them or those of one kind, and of these perhaps only those left alone. */
function itemsAfter(isOfKind: boolean, isLeft: boolean) {
  return prepared<ItemsAfter>((db, parameter) => {
    let query = db
      .selectFrom('sync_items')
      .select(columns)
      .where('organization_id', '=', parameter('organization'))
      .where('run_id', '=', parameter('run'))
      .where('plan_number', '=', parameter('plan'))
      .orderBy('kind')
      .orderBy('number')
      .limit(parameter('limit'));
    if (isLeft) query = query.where('left_alone', 'is not', null);
    if (isOfKind) return query.where('kind', '=', parameter('kind')).where('number', '>', parameter('number'));
    return query
      .where('kind', '<', syncItemKinds.length)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('kind', 'number'), '>', tuple(parameter('kind'), parameter('number'))),
      );
  });
}

const all = itemsAfter(false, false);
const allLeft = itemsAfter(false, true);
const ofKind = itemsAfter(true, false);
const leftOfKind = itemsAfter(true, true);

/** Where a walk over items goes on: after this one. */
export interface ItemPlace {
  readonly kind: StoredItemKind;
  readonly number: number;
}

/** The next items of a plan that the contract shows, kind by kind; null begins. `isLeft`: only those left alone. */
export async function readSyncItemsAfter(
  organization: OrganizationId,
  connection: Connection,
  plan: PlanKey,
  after: ItemPlace | null,
  limit: number,
  isLeft: boolean,
): Promise<StoredSyncItem[]> {
  const { kind, number } = after ?? { kind: kinds[0], number: -1 };
  return await readItems(organization, connection, plan, isLeft ? allLeft : all, { kind, number }, limit);
}

/** The next items of one kind, after that number. */
export async function readSyncItemsOfKind(
  organization: OrganizationId,
  connection: Connection,
  plan: PlanKey,
  after: ItemPlace,
  limit: number,
  isLeft = false,
): Promise<StoredSyncItem[]> {
  return await readItems(organization, connection, plan, isLeft ? leftOfKind : ofKind, after, limit);
}

async function readItems(
  organization: OrganizationId,
  connection: Connection,
  plan: PlanKey,
  query: typeof all,
  { kind, number }: ItemPlace,
  limit: number,
): Promise<StoredSyncItem[]> {
  const place = { organization, run: plan.runId, plan: plan.number, kind: kinds.indexOf(kind), number, limit };
  return (await connection.rows(query, place)).map(fromColumns);
}

const setLeftAlone = updateEach(
  'sync_items',
  ['organization_id', 'run_id', 'plan_number', 'kind', 'number'],
  ['left_alone'],
);

/** Notes of items which of their fields the undo left alone. */
export async function putLeftAlone(
  organization: OrganizationId,
  transaction: Transaction,
  plan: PlanKey,
  items: readonly (ItemPlace & { readonly leftAlone: readonly string[] })[],
): Promise<void> {
  await transaction.runMany(
    setLeftAlone,
    items.map(({ kind, number, leftAlone }) => ({
      organization_id: organization,
      run_id: plan.runId,
      plan_number: plan.number,
      kind: kinds.indexOf(kind),
      number,
      left_alone: jsonOrNull(leftAlone),
    })),
  );
}
