import { sql } from 'kysely';
import type { Connection } from '../../store/database.ts';
import { engineOf } from '../../store/dialect.ts';

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
export function readCatalog(connection: Connection): Promise<CatalogTable[]> {
  return engineOf(connection.kysely) === 'sqlite' ? readSqlite(connection) : readPostgres(connection);
}

/** A column of a key, in the key's order. */
interface KeyColumn {
  readonly key: string | number;
  readonly column: string | null;
}

function keys(columns: readonly KeyColumn[]): { name: string; columns: string[] }[] {
  return [...Map.groupBy(columns, ({ key }) => key)].map(([name, rows]) => ({
    name: String(name),
    columns: rows.map(({ column }) => column ?? '(expression)'),
  }));
}

interface ReferenceColumn {
  readonly id: string | number;
  readonly table: string;
  readonly from: string;
  readonly to: string;
}

function references(columns: readonly ReferenceColumn[]): ForeignKey[] {
  return [...Map.groupBy(columns, ({ id }) => id).values()].map((rows) => ({
    from: rows.map((row) => row.from),
    table: rows[0]?.table ?? '',
    to: rows.map((row) => row.to),
  }));
}

async function readSqlite({ kysely }: Connection): Promise<CatalogTable[]> {
  const tables = await sql<{ name: string }>`
    select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name
  `.execute(kysely);
  return Promise.all(tables.rows.map(({ name }) => readTable(name)));

  async function readTable(name: string): Promise<CatalogTable> {
    const columns = await sql<{ name: string }>`
      select name from pragma_table_info(${name}) where pk > 0 order by pk
    `.execute(kysely);
    const indexes = await sql<KeyColumn>`
      select l.name as key, i.name as "column" from pragma_index_list(${name}) l, pragma_index_info(l.name) i
      order by l.seq, i.seqno
    `.execute(kysely);
    const foreign = await sql<ReferenceColumn>`
      select id, "table", "from", "to" from pragma_foreign_key_list(${name}) order by id, seq
    `.execute(kysely);
    return {
      name,
      primaryKey: columns.rows.map((row) => row.name),
      indexes: keys(indexes.rows),
      foreignKeys: references(foreign.rows),
    };
  }
}

async function readPostgres({ kysely }: Connection): Promise<CatalogTable[]> {
  const tables = await sql<{ name: string }>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname
  `.execute(kysely);
  const indexes = await sql<KeyColumn & { table: string; primary: 0 | 1 }>`
    select i.indrelid::regclass::text as "table", i.indisprimary as primary, i.indexrelid::regclass::text as key,
      a.attname as "column"
    from pg_index i cross join unnest(i.indkey::int2[]) with ordinality as k(attnum, place)
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum > 0
    order by 3, k.place
  `.execute(kysely);
  const foreign = await sql<ReferenceColumn & { owner: string }>`
    select c.conrelid::regclass::text as owner, c.conname as id, c.confrelid::regclass::text as "table",
      a.attname as "from", b.attname as "to"
    from pg_constraint c cross join unnest(c.conkey, c.confkey) with ordinality as k(own, other, place)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own
    join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.other
    where c.contype = 'f' order by 2, k.place
  `.execute(kysely);
  return tables.rows.map(({ name }) => {
    const own = indexes.rows.filter((row) => row.table === name);
    return {
      name,
      primaryKey: own.filter((row) => row.primary).map((row) => row.column ?? '(expression)'),
      indexes: keys(own),
      foreignKeys: references(foreign.rows.filter((row) => row.owner === name)),
    };
  });
}
