import { sql } from 'kysely';
import type { TableShape } from './copy-catalog.ts';
import type { Connection } from './database.ts';
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
