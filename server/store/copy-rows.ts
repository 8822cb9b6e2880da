import { sql } from 'kysely';
import type { TableShape } from './copy-catalog.ts';
import type { Connection, Transaction } from './database.ts';
import { insertEach, type ManyStatement } from './dialect.ts';
import type { Value } from './prepared.ts';
import type { OrganizationId, Tables } from './tables.ts';

/** A row with its columns by name; of any table. */
export type AnyRow = Readonly<Record<string, Value>>;

/** The values of a row's key beyond the organization. */
export type RowKey = readonly Value[];

/** The next rows of an organization in the order of their key, from the first after `after`. */
export async function readRowsAfter(
  organization: OrganizationId,
  { kysely }: Connection,
  table: TableShape,
  after: RowKey | null,
  limit: number,
): Promise<AnyRow[]> {
  const key = table.key.map((column) => sql.ref(column));
  const isNext = after === null ? sql`` : sql` and (${sql.join(key)}) > (${sql.join(after)})`;
  const order = key.length === 0 ? sql`` : sql` order by ${sql.join(key)}`;
  const columns = sql.join(table.columns.map((column) => sql.ref(column)));
  const { rows } = await sql<AnyRow>`
    select ${columns} from ${sql.table(table.name as keyof Tables)}
    where ${sql.ref(table.organization)} = ${organization}${isNext}${order} limit ${sql.lit(limit)}
  `.execute(kysely);
  return rows;
}

/** The key of a row of this table. */
export function keyOf(table: TableShape, row: AnyRow): RowKey {
  return table.key.map((column) => row[column] as Value);
}

/** Writes rows as they are; all are new to the table. */
export async function insertRows(transaction: Transaction, table: TableShape, rows: readonly AnyRow[]): Promise<void> {
  await transaction.runMany(insertOf(table), rows);
}

const inserts = new Map<string, ManyStatement<string>>();

function insertOf({ name, columns }: TableShape): ManyStatement<string> {
  const known = inserts.get(name);
  if (known) return known;
  const statement = insertEach(name as keyof Tables, columns as never) as ManyStatement<string>;
  inserts.set(name, statement);
  return statement;
}

export async function countRows({ kysely }: Connection, table: TableShape): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table.name as keyof Tables)}
  `.execute(kysely);
  return Number(rows[0]?.count);
}
