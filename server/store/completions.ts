import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Expression, SqlBool } from 'kysely';
import type { Connection, Transaction } from './database.ts';
import { insertEach, joinedChunk, joinedValue, wantedValues, withIndex } from './dialect.ts';
import { nextVersion } from './organizations.ts';
import { prepared, type Value } from './prepared.ts';
import type { CompletionsTable, OrganizationId } from './tables.ts';

/** Records read at once: few enough that the event loop's turns stay short, enough that a turn pays. */
const CHUNK_RECORDS = 128;

/** Which completions to stream; times are epoch milliseconds, compared with the session's scheduled start. */
export interface CompletionFilter {
  readonly from?: number;
  readonly to?: number;
  readonly clusterId?: string;
  readonly remoteUserId?: string;
  /** Only records whose hash is newer than this change; they come in the order of their changes. */
  readonly changedSince?: number;
}

/** A completion to be written. */
export interface CompletionRecord {
  readonly id: string;
  readonly registrationId: string;
  readonly sessionId: string;
  readonly clusterId: string;
  readonly userId: string;
  readonly remoteUserId: string | null;
  readonly scheduledStartAt: number;
  /** The record as the contract shows it (JSON). */
  readonly document: string;
}

/** Wide enough for the year 9999 in milliseconds; an offset keeps times before 1970 in order. */
const SORT_DIGITS = 16;
const SORT_OFFSET = 1e14;

/** Scheduled start, then id, as one text that sorts as the contract orders completions. */
function sortKey(scheduledStartAt: number, id = ''): string {
  return String(scheduledStartAt + SORT_OFFSET).padStart(SORT_DIGITS, '0') + id;
}

/** How records are strung together: what stands before the first, and between two. */
export interface Stringing {
  readonly opening: string;
  readonly separator: string;
}

interface Range {
  organization: OrganizationId;
  after: string | number;
  from: string;
  to: string;
  clusterId: string;
  remoteUserId: string;
  head: string;
}

/** The index that leads through the records: the one that leaves the fewest to look at, in the order asked for. */
function leadOf(filter: CompletionFilter): Lead {
  if (filter.changedSince !== undefined) return { index: 'completions_change', order: 'change' };
  if (filter.remoteUserId !== undefined) {
    return { index: 'completions_remote_user_id_sort_key', order: 'sort_key', equals: 'remote_user_id' };
  }
  if (filter.clusterId !== undefined) {
    return { index: 'completions_cluster_id_sort_key', order: 'sort_key', equals: 'cluster_id' };
  }
  return { index: null, order: 'sort_key' };
}

interface Lead {
  /** Null: the table's own order. */
  readonly index: string | null;
  readonly order: 'sort_key' | 'change';
  /** The column that the index begins with, after the organization. */
  readonly equals?: 'remote_user_id' | 'cluster_id';
}

/**
 * One statement a chunk: its records' bytes, and the key after which the next chunk begins. A chunk is so many records
 * of the leading index, whether they pass the rest of the filter or not: so a statement is short also where few do.
 */
function chunkQuery(filter: CompletionFilter, separator: string) {
  const { index, order, equals } = leadOf(filter);
  return prepared<Range>((db, parameter) =>
    db
      .selectFrom((outer) => {
        let chunk = outer
          .selectFrom(withIndex<CompletionsTable>(db, 'completions', index))
          .select(['document', 'sort_key', 'cluster_id', 'remote_user_id', `${order} as key`])
          .where('organization_id', '=', parameter('organization'))
          .where(order, '>', parameter('after') as never);
        if (equals === 'remote_user_id') chunk = chunk.where(equals, '=', parameter('remoteUserId'));
        if (equals === 'cluster_id') chunk = chunk.where(equals, '=', parameter('clusterId'));
        if (order === 'sort_key' && filter.to !== undefined) chunk = chunk.where('sort_key', '<', parameter('to'));
        return chunk.orderBy(order).limit(CHUNK_RECORDS).as('chunk');
      })
      .select((eb) => {
        const rest: Expression<SqlBool>[] = [];
        if (order === 'change' && filter.from !== undefined) rest.push(eb('sort_key', '>', parameter('from')));
        if (order === 'change' && filter.to !== undefined) rest.push(eb('sort_key', '<', parameter('to')));
        if (equals !== 'cluster_id' && filter.clusterId !== undefined) {
          rest.push(eb('cluster_id', '=', parameter('clusterId')));
        }
        if (equals !== 'remote_user_id' && filter.remoteUserId !== undefined) {
          rest.push(eb('remote_user_id', '=', parameter('remoteUserId')));
        }
        const passes = rest.length === 0 ? null : eb.and(rest);
        const count = eb.fn.countAll<number>();
        return [
          joinedChunk(db, eb.ref('chunk.document'), separator, parameter('head'), passes).as('bytes'),
          eb.fn.max('chunk.key').as('last'),
          (passes ? count.filterWhere(passes) : count).as('records'),
        ];
      }),
  );
}

/** A stretch of the answer in UTF-8: the opening or the separator, then documents joined by the separator. */
export interface CompletionChunk {
  readonly bytes: Uint8Array;
  readonly records: number;
}

/**
 * The documents of the completions that pass the filter, strung together, a chunk at a time. Ordered by
 * scheduled start and id; with `changedSince` by change. Run it on a snapshot: chunks are separate reads. Between two
 * chunks the event loop gets a turn, however fast the reader is.
 */
export async function* streamCompletions(
  organization: OrganizationId,
  connection: Connection,
  filter: CompletionFilter,
  { opening, separator }: Stringing,
): AsyncGenerator<CompletionChunk> {
  const query = chunkQuery(filter, separator);
  const from = filter.from === undefined ? '' : sortKey(filter.from);
  let after: string | number = filter.changedSince ?? from;
  let head = opening;
  for (;;) {
    const row = await connection.row(query, {
      organization,
      after,
      from,
      to: filter.to === undefined ? '' : sortKey(filter.to),
      clusterId: filter.clusterId ?? '',
      remoteUserId: filter.remoteUserId ?? '',
      head,
    });
    const [bytes, last, records] = row as [Value, string | number | null, number];
    if (last === null) return;
    after = last;
    if (bytes) {
      yield { bytes: joinedValue(bytes), records };
      head = separator;
    }
    await nextTurn();
  }
}

/** The number of the organization's latest change to a completion: what a cursor of `changedSince` holds. */
export async function lastCompletionChange(organization: OrganizationId, connection: Connection): Promise<number> {
  const row = await connection.kysely
    .selectFrom('organizations')
    .select('completions_change_last')
    .where('id', '=', organization)
    .executeTakeFirstOrThrow();
  return Number(row.completions_change_last);
}

/** What an organization's row says of its completions: their version, and the number of their latest change. */
export async function completionCounters(
  organization: OrganizationId,
  connection: Connection,
): Promise<{ completionsVersion: number; completionsChangeLast: number }> {
  const row = await connection.kysely
    .selectFrom('organizations')
    .select(['completions_version', 'completions_change_last'])
    .where('id', '=', organization)
    .executeTakeFirstOrThrow();
  return {
    completionsVersion: Number(row.completions_version),
    completionsChangeLast: Number(row.completions_change_last),
  };
}

/** A completion as it is stored, and what it came of. */
export type StoredCompletion = Pick<CompletionRecord, 'registrationId' | 'sessionId' | 'document'>;

/** A completion by its id, which is that of its registration; null where the organization has none with it. */
export async function getCompletion(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<StoredCompletion | null> {
  const row = await connection.kysely
    .selectFrom('completions')
    .select(['registration_id', 'session_id', 'document'])
    .where('organization_id', '=', organization)
    .where('registration_id', '=', id)
    .executeTakeFirst();
  return row ? { registrationId: row.registration_id, sessionId: row.session_id, document: row.document } : null;
}

const documentsOf = prepared<{ organization: OrganizationId; registrations: string }>((db, parameter) =>
  db
    .selectFrom(wantedValues(db, parameter('registrations')))
    .crossJoin('completions as c')
    .select(['c.registration_id', 'c.document'])
    .where('c.organization_id', '=', parameter('organization'))
    .whereRef('c.registration_id', '=', 'wanted.value'),
);

const upsertCompletion = insertEach(
  'completions',
  [
    'organization_id',
    'sort_key',
    'id',
    'registration_id',
    'session_id',
    'cluster_id',
    'user_id',
    'remote_user_id',
    'change',
    'document',
  ],
  {
    columns: ['organization_id', 'registration_id'],
    update: ['sort_key', 'remote_user_id', 'change', 'document'],
  },
);

/** Writes records, one for each registration; those that stand there already unchanged are left alone and not answered. */
export async function writeCompletions(
  organization: OrganizationId,
  transaction: Transaction,
  records: readonly CompletionRecord[],
  now: number,
): Promise<CompletionRecord[]> {
  const registrations = JSON.stringify(records.map((record) => record.registrationId));
  const stored = await transaction.rows(documentsOf, { organization, registrations });
  const known = new Map(stored as [string, string][]);
  const changed = records.filter((record) => known.get(record.registrationId) !== record.document);
  if (changed.length === 0) return changed;
  const last = await transaction.kysely
    .updateTable('organizations')
    .set(({ eb, ref }) => ({
      completions_change_last: eb(ref('completions_change_last'), '+', changed.length),
      completions_version: nextVersion('completions_version', now),
    }))
    .where('id', '=', organization)
    .returning('completions_change_last')
    .executeTakeFirstOrThrow();
  const first = Number(last.completions_change_last) - changed.length + 1;
  const rows = changed.map((record, index) => ({
    organization_id: organization,
    sort_key: sortKey(record.scheduledStartAt, record.id),
    id: record.id,
    registration_id: record.registrationId,
    session_id: record.sessionId,
    cluster_id: record.clusterId,
    user_id: record.userId,
    remote_user_id: record.remoteUserId,
    change: first + index,
    document: record.document,
  }));
  await transaction.runMany(upsertCompletion, rows);
  return changed;
}
