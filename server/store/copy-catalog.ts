import { type Kysely, sql } from 'kysely';
import { DEFAULT_MIGRATION_LOCK_TABLE, DEFAULT_MIGRATION_TABLE } from 'kysely/migration';
import type { Connection } from './database.ts';
import { engineOf } from './dialect.ts';
import type { Tables } from './tables.ts';

/** A table as the database itself describes it, for what treats all of them alike. */
export interface TableShape {
  readonly name: string;
  /** In order of name, which is the same on both engines. */
  readonly columns: readonly string[];
  /** The column with the organization's number. */
  readonly organization: string;
  /** The primary key's other columns, in its order; they order the rows of an organization. */
  readonly key: readonly string[];
}

/** Where a half-done copy notes how far it has come; no part of the data. */
export const COPY_STATE_TABLE = 'copy_state';

const OWN_TABLES = [DEFAULT_MIGRATION_TABLE, DEFAULT_MIGRATION_LOCK_TABLE, COPY_STATE_TABLE];

/** All tables with data, each after those that its foreign keys point to. */
export async function listTableShapes({ kysely }: Connection): Promise<TableShape[]> {
  const tables = (await kysely.introspection.getTables()).filter(({ name }) => !OWN_TABLES.includes(name));
  const { keys, references } = await (engineOf(kysely) === 'sqlite' ? readSqlite(kysely) : readPostgres(kysely));
  const shapes = tables.map(({ name, columns }) => {
    const organization = name === 'organizations' ? 'id' : 'organization_id';
    return {
      name,
      columns: columns.map((column) => column.name).toSorted(),
      organization,
      key: (keys.get(name) ?? []).map(({ column }) => column).filter((column) => column !== organization),
    };
  });
  return parentsFirst(shapes, references);
}

interface KeyColumn {
  readonly table: string;
  readonly column: string;
}

interface Reference {
  readonly child: string;
  readonly parent: string;
}

interface Catalog {
  readonly keys: ReadonlyMap<string, readonly KeyColumn[]>;
  readonly references: readonly Reference[];
}

async function readSqlite(kysely: Kysely<Tables>): Promise<Catalog> {
  const keys = await sql<KeyColumn>`
    select s.name as "table", i.name as "column" from sqlite_schema s, pragma_table_info(s.name) i
    where s.type = 'table' and i.pk > 0 order by s.name, i.pk
  `.execute(kysely);
  const references = await sql<Reference>`
    select s.name as child, f."table" as parent from sqlite_schema s, pragma_foreign_key_list(s.name) f
    where s.type = 'table'
  `.execute(kysely);
  return { keys: Map.groupBy(keys.rows, ({ table }) => table), references: references.rows };
}

async function readPostgres(kysely: Kysely<Tables>): Promise<Catalog> {
  const keys = await sql<KeyColumn>`
    select c.relname as "table", a.attname as "column"
    from pg_index i
    join pg_class c on c.oid = i.indrelid and c.relnamespace = current_schema()::regnamespace
    cross join unnest(i.indkey::int2[]) with ordinality as k(number, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
    where i.indisprimary order by c.relname, k.place
  `.execute(kysely);
  const references = await sql<Reference>`
    select child.relname as child, parent.relname as parent
    from pg_constraint f
    join pg_class child on child.oid = f.conrelid and child.relnamespace = current_schema()::regnamespace
    join pg_class parent on parent.oid = f.confrelid
    where f.contype = 'f'
  `.execute(kysely);
  return { keys: Map.groupBy(keys.rows, ({ table }) => table), references: references.rows };
}

function parentsFirst(shapes: readonly TableShape[], references: readonly Reference[]): TableShape[] {
  const parents = Map.groupBy(
    references.filter(({ child, parent }) => child !== parent),
    ({ child }) => child,
  );
  const byName = new Map(shapes.map((shape) => [shape.name, shape]));
  const sorted = new Set<TableShape>();
  const place = (name: string) => {
    const shape = byName.get(name);
    if (!shape || sorted.has(shape)) return;
    for (const { parent } of parents.get(name) ?? []) place(parent);
    sorted.add(shape);
  };
  for (const name of [...byName.keys()].toSorted()) place(name);
  return [...sorted];
}
