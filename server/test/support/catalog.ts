import { sql } from 'kysely';
import type { Connection } from '../../store/database.ts';

/** What the database itself says of a table; columns in the order of the key. */
export interface CatalogTable {
  readonly name: string;
  readonly primaryKey: readonly string[];
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[] }[];
  readonly foreignKeys: readonly ForeignKey[];
}

export interface ForeignKey {
  readonly from: readonly string[];
  readonly table: string;
  readonly to: readonly string[];
}

/** Reads the catalog: every table, also those that the migrator keeps for itself. */
export async function readCatalog({ kysely }: Connection): Promise<CatalogTable[]> {
  const tables = await sql<{ name: string }>`
    select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name
  `.execute(kysely);
  return Promise.all(tables.rows.map(({ name }) => readTable(name)));

  async function readTable(name: string): Promise<CatalogTable> {
    const columns = await sql<{ name: string }>`
      select name from pragma_table_info(${name}) where pk > 0 order by pk
    `.execute(kysely);
    const indexes = await sql<{ name: string; column: string | null }>`
      select l.name, i.name as "column" from pragma_index_list(${name}) l, pragma_index_info(l.name) i
      order by l.seq, i.seqno
    `.execute(kysely);
    const references = await sql<{ id: number; table: string; from: string; to: string }>`
      select id, "table", "from", "to" from pragma_foreign_key_list(${name}) order by id, seq
    `.execute(kysely);
    return {
      name,
      primaryKey: columns.rows.map((row) => row.name),
      indexes: [...Map.groupBy(indexes.rows, (row) => row.name)].map(([index, rows]) => ({
        name: index,
        columns: rows.map((row) => row.column ?? '(expression)'),
      })),
      foreignKeys: [...Map.groupBy(references.rows, (row) => row.id).values()].map((rows) => ({
        from: rows.map((row) => row.from),
        table: rows[0]?.table ?? '',
        to: rows.map((row) => row.to),
      })),
    };
  }
}
