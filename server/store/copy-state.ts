import { type Kysely, sql } from 'kysely';
import { COPY_STATE_TABLE } from './copy-catalog.ts';
import type { RowKey } from './copy-rows.ts';
import type { Connection, Transaction } from './database.ts';
import type { OrganizationId, Tables } from './tables.ts';

/** How far a copy has come, in the database that it is made in: a table that is there only until the copy is whole. */
interface CopyState {
  readonly copy_state: {
    /** What is copied, in words; the same in all rows. */
    source: string;
    organization_id: OrganizationId;
    table_name: string;
    /** JSON array: key of the last row that was copied; null before the first. */
    after_key: string | null;
    /** 1: all rows of the organization are there. */
    done: 0 | 1;
  };
}

/** Of one organization's rows in one table. */
export interface Mark {
  readonly after: RowKey | null;
  readonly isDone: boolean;
}

const stateOf = ({ kysely }: Connection) => kysely as unknown as Kysely<CopyState>;

/** What is being copied to here; null where there is no half-done copy. */
export async function findCopySource(connection: Connection): Promise<string | null> {
  const tables = await connection.kysely.introspection.getTables();
  if (!tables.some(({ name }) => name === COPY_STATE_TABLE)) return null;
  const row = await stateOf(connection).selectFrom('copy_state').select('source').executeTakeFirst();
  return row?.source ?? '';
}

/** The database is a copy that was broken off. */
export class HalfCopyError extends Error {
  override readonly name = 'HalfCopyError';
  /** What was copied, in words; empty where nothing of it had come yet. */
  readonly source: string;

  constructor(source: string) {
    super(`a half-done copy of ${source || 'another database'}`);
    this.source = source;
  }
}

/** Throws HalfCopyError where a copy was broken off: who took it for whole would miss users, and make them anew. */
export async function demandWhole(connection: Connection): Promise<void> {
  const source = await findCopySource(connection);
  if (source !== null) throw new HalfCopyError(source);
}

export async function createCopyState(transaction: Transaction): Promise<void> {
  await transaction.kysely.schema
    .createTable(COPY_STATE_TABLE)
    .addColumn('organization_id', 'integer', (c) => c.notNull())
    .addColumn('table_name', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('after_key', 'text')
    .addColumn('done', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('copy_state_key', ['organization_id', 'table_name'])
    .execute();
}

/** For the end of a copy. */
export async function dropCopyState(transaction: Transaction): Promise<void> {
  await transaction.kysely.schema.dropTable(COPY_STATE_TABLE).execute();
}

export async function findMark(
  organization: OrganizationId,
  connection: Connection,
  table: string,
): Promise<Mark | null> {
  const row = await stateOf(connection)
    .selectFrom('copy_state')
    .select(['after_key', 'done'])
    .where('organization_id', '=', organization)
    .where('table_name', '=', table)
    .executeTakeFirst();
  if (!row) return null;
  return { after: row.after_key === null ? null : (JSON.parse(row.after_key) as RowKey), isDone: row.done === 1 };
}

export async function putMark(
  organization: OrganizationId,
  transaction: Transaction,
  { source, table, after, isDone }: Mark & { readonly source: string; readonly table: string },
): Promise<void> {
  const progress = { after_key: after && JSON.stringify(after), done: isDone ? (1 as const) : (0 as const) };
  await stateOf(transaction)
    .insertInto('copy_state')
    .values({ organization_id: organization, table_name: table, source, ...progress })
    .onConflict((conflict) => conflict.columns(['organization_id', 'table_name']).doUpdateSet(progress))
    .execute();
}

/** Whether the database has anything of anybody. */
export async function isEmpty({ kysely }: Connection): Promise<boolean> {
  const row = await sql`select 1 from ${sql.table('organizations' satisfies keyof Tables)} limit 1`.execute(kysely);
  return row.rows.length === 0;
}
