import type { SyncRow } from '@rollcall/contract/sync-run-shapes.ts';
import type { Connection, Transaction } from './database.ts';
import { insertEach, wantedTexts, wantedValues, withIndex } from './dialect.ts';
import { prepared, type Value } from './prepared.ts';
import type { OrganizationId, SyncRowsTable } from './tables.ts';

/** Where a row stands in its run. */
export interface RowPlace {
  readonly batch: number;
  readonly index: number;
}

/** A row as stored; the keys are normalized, null where there is none that is valid. */
export interface StoredSyncRow extends RowPlace {
  readonly remoteId: string | null;
  readonly email: string | null;
  readonly sent: SyncRow;
}

const insertRow = insertEach('sync_rows', [
  'organization_id',
  'run_id',
  'batch',
  'place',
  'remote_id',
  'email',
  'sent',
]);

/** Stores the rows of a batch; none of that number may be there. */
export async function insertSyncRows(
  organization: OrganizationId,
  transaction: Transaction,
  runId: string,
  rows: readonly StoredSyncRow[],
): Promise<void> {
  await transaction.runMany(
    insertRow,
    rows.map(({ batch, index, remoteId, email, sent }) => ({
      organization_id: organization,
      run_id: runId,
      batch,
      place: index,
      remote_id: remoteId,
      email,
      sent: JSON.stringify(sent),
    })),
  );
}

const batchRows = prepared<{ organization: OrganizationId; run: string; batch: number }>((db, parameter) =>
  db
    .selectFrom('sync_rows')
    .select('sent')
    .where('organization_id', '=', parameter('organization'))
    .where('run_id', '=', parameter('run'))
    .where('batch', '=', parameter('batch'))
    .orderBy('place'),
);

/** The rows of a batch as sent (JSON), in their order. */
export async function readSyncBatch(
  organization: OrganizationId,
  connection: Connection,
  runId: string,
  batch: number,
): Promise<string[]> {
  const rows = await connection.rows(batchRows, { organization, run: runId, batch });
  return rows.map((row) => row[0] as string);
}

export async function deleteSyncBatch(
  organization: OrganizationId,
  transaction: Transaction,
  runId: string,
  batch: number,
): Promise<void> {
  await transaction.kysely
    .deleteFrom('sync_rows')
    .where('organization_id', '=', organization)
    .where('run_id', '=', runId)
    .where('batch', '=', batch)
    .execute();
}

const columns = ['batch', 'place', 'remote_id', 'email', 'sent'] as const;

function fromColumns(row: Value[]): StoredSyncRow {
  const [batch, index, remoteId, email, sent] = row;
  return { batch, index, remoteId, email, sent: JSON.parse(sent as string) } as StoredSyncRow;
}

const rowsAfter = prepared<{ organization: OrganizationId; run: string; batch: number; place: number; limit: number }>(
  (db, parameter) =>
    db
      .selectFrom('sync_rows')
      .select(columns)
      .where('organization_id', '=', parameter('organization'))
      .where('run_id', '=', parameter('run'))
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('batch', 'place'), '>', tuple(parameter('batch'), parameter('place'))),
      )
      .orderBy('batch')
      .orderBy('place')
      .limit(parameter('limit')),
);

/** The next rows of a run in the order of their places. */
export async function readSyncRowsAfter(
  organization: OrganizationId,
  connection: Connection,
  runId: string,
  { batch, index }: RowPlace,
  limit: number,
): Promise<StoredSyncRow[]> {
  const rows = await connection.rows(rowsAfter, { organization, run: runId, batch, place: index, limit });
  return rows.map(fromColumns);
}

interface NamedRows {
  readonly organization: OrganizationId;
  readonly run: string;
  /** JSON array of keys. */
  readonly values: string;
  readonly firstBatch: number;
  readonly firstPlace: number;
  readonly lastBatch: number;
  readonly lastPlace: number;
}

function rowsNamedBy(key: 'remote_id' | 'email') {
  return prepared<NamedRows>((db, parameter) =>
    db
      .selectFrom(wantedValues(db, parameter('values')))
      .crossJoin(withIndex<SyncRowsTable>(db, 'sync_rows', `sync_rows_${key}`))
      .select(columns.map((column) => `indexed.${column}` as const))
      .where('indexed.organization_id', '=', parameter('organization'))
      .where('indexed.run_id', '=', parameter('run'))
      .whereRef(`indexed.${key}`, '=', 'wanted.value')
      .where(({ eb, refTuple, tuple }) => {
        const place = refTuple('indexed.batch', 'indexed.place');
        return eb.or([
          eb(place, '<', tuple(parameter('firstBatch'), parameter('firstPlace'))),
          eb(place, '>', tuple(parameter('lastBatch'), parameter('lastPlace'))),
        ]);
      }),
  );
}

const KEYS = [
  { query: rowsNamedBy('remote_id'), key: 'remoteIds' },
  { query: rowsNamedBy('email'), key: 'emails' },
] as const;

/** Every row of a run that bears one of these keys, but for those from `first` to `last`, which the caller has. */
export async function findSyncRowsNamed(
  organization: OrganizationId,
  connection: Connection,
  runId: string,
  keys: { readonly remoteIds: readonly string[]; readonly emails: readonly string[] },
  { first, last }: { readonly first: RowPlace; readonly last: RowPlace },
): Promise<StoredSyncRow[]> {
  const found = new Map<string, StoredSyncRow>();
  for (const { query, key } of KEYS) {
    if (keys[key].length === 0) continue;
    const parameters = {
      organization,
      run: runId,
      values: wantedTexts(keys[key]),
      ...{ firstBatch: first.batch, firstPlace: first.index, lastBatch: last.batch, lastPlace: last.index },
    };
    for (const row of await connection.rows(query, parameters)) found.set(`${row[0]} ${row[1]}`, fromColumns(row));
  }
  return [...found.values()];
}

const missing = prepared<{ organization: OrganizationId; run: string; from: number; to: number }>((db, parameter) =>
  db
    .selectFrom('users as u')
    .select(['u.position', 'u.document', 'u.sticky_fields'])
    .where('u.organization_id', '=', parameter('organization'))
    .where('u.position', '>=', parameter('from'))
    .where('u.position', '<', parameter('to'))
    .where('u.active', '=', 1)
    .where('u.synced', '=', 1)
    .where(({ not, exists, selectFrom }) => {
      const named = (key: 'remote_id' | 'email') =>
        selectFrom('sync_rows as r')
          .select('r.place')
          .where('r.organization_id', '=', parameter('organization'))
          .where('r.run_id', '=', parameter('run'))
          .whereRef(`r.${key}`, '=', `u.${key}`);
      return not(exists(named('remote_id'))).and(not(exists(named('email'))));
    })
    .orderBy('u.position'),
);

const activeSynced = prepared<{ organization: OrganizationId; from: number; to: number }>((db, parameter) =>
  db
    .selectFrom('users')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organization_id', '=', parameter('organization'))
    .where('position', '>=', parameter('from'))
    .where('position', '<', parameter('to'))
    .where('active', '=', 1)
    .where('synced', '=', 1),
);

/** A user whom no row of a run names. */
export interface MissingUser {
  readonly position: number;
  readonly document: string;
  readonly stickyFields: readonly string[];
}

/**
 * Of the users at positions `from` (inclusive) to `to` (exclusive): how many are active and were ever brought in by a
 * roster, and which of these no row of the run names by remote id or email.
 */
export async function findMissingUsers(
  organization: OrganizationId,
  connection: Connection,
  runId: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<{ readonly active: number; readonly missing: MissingUser[] }> {
  const count = await connection.row(activeSynced, { organization, from, to });
  const rows = await connection.rows(missing, { organization, run: runId, from, to });
  return {
    active: Number(count?.[0] ?? 0),
    missing: rows.map(([position, document, sticky]) => ({
      position: position as number,
      document: document as string,
      stickyFields: sticky === null ? [] : JSON.parse(sticky as string),
    })),
  };
}
