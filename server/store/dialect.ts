import {
  type AliasedRawBuilder,
  type DataTypeNode,
  type Expression,
  type Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  PostgresAdapter,
  type RawBuilder,
  RawNode,
  type SqlBool,
  sql,
} from 'kysely';
import { type PreparedQuery, preparedSql } from './prepared.ts';
import type { Tables } from './tables.ts';

/** The caller may try again: another holds the database longer than we wait. */
export class StorageBusyError extends Error {
  override readonly name: string = 'StorageBusyError';
  /** For whoever asked. */
  readonly publicText: string = 'The database is busy. Nothing was written; try again.';
}

/** The database went away, or was not there. It may have written what it was told last. */
export class StorageGoneError extends StorageBusyError {
  override readonly name = 'StorageGoneError';
  override readonly publicText =
    'The database cannot be reached at the moment. Send the same request again: what it writes is there whole or not at all.';
}

/** The disk is full: nothing was written, reads go on. */
export class StorageFullError extends Error {
  override readonly name = 'StorageFullError';
}

export type Engine = 'sqlite' | 'postgres';

/** The engine for which `db` compiles its queries. */
export function engineOf(db: Kysely<never> | Kysely<Tables> | Kysely<unknown>): Engine {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
}

/** SQLite's primary result codes are the low byte of the extended ones. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_FULL = 13;

function primaryCode(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff;
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY || primaryCode(error) === SQLITE_LOCKED;
}

/** Turns an engine's error code into an error that the rest of the house knows; anything else stays as it is. */
export function storageError(error: unknown): unknown {
  if (isBusy(error)) return new StorageBusyError('the database is busy', { cause: error });
  if (primaryCode(error) === SQLITE_FULL) return new StorageFullError('the disk is full', { cause: error });
  return error;
}

/** SQLSTATE classes and codes (PostgreSQL, appendix A) of what passes by itself. */
const POSTGRES_PASSING = [
  '40', // deadlock, serialization, or a standby that had to cancel a query
  '53', // too many connections, out of memory
  '55P03', // lock not available
  '57', // over the statement timeout
  '25006', // connected to a standby, in the middle of a failover
];
/** Of what takes the connection along: lost, stopped by the operator or a crash, starting up. */
const POSTGRES_GONE = ['08', '57P'];
const POSTGRES_DISK_FULL = '53100';

/** The same for PostgreSQL: what carries no SQLSTATE came of the connection, not of the statement. */
export function postgresError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof StorageBusyError) return error;
  const { code = '', severity } = error as { code?: string; severity?: string };
  const isGone = severity === undefined || POSTGRES_GONE.some((prefix) => code.startsWith(prefix));
  if (isGone) return new StorageGoneError('the database does not answer', { cause: error });
  if (code === POSTGRES_DISK_FULL) return new StorageFullError('the disk is full', { cause: error });
  if (!POSTGRES_PASSING.some((prefix) => code.startsWith(prefix))) return error;
  return new StorageBusyError('the database is busy', { cause: error });
}

/**
 * The values of a JSON array of texts, given as one parameter, as a table `wanted` with the column `value`. To find rows
 * by many keys, begin with it and cross join the table that has the index: SQLite keeps that order, whereas with
 * `column in (…)` it may decide to read the whole organization.
 */
export function wantedValues(db: Kysely<Tables>, json: string): AliasedRawBuilder<{ value: string }, 'wanted'> {
  if (engineOf(db) === 'sqlite') return sql<{ value: string }>`json_each(${json})`.as('wanted');
  const alias = sql`${sql.ref('wanted')}(${sql.ref('value')})`;
  return sql<{ value: string }>`jsonb_array_elements_text(${json}::jsonb)`.as<'wanted'>(alias);
}

/**
 * Texts from outside as the JSON array that `wantedValues` takes. Those that no stored text can be are left out: one with
 * a NUL character, or with half of a surrogate pair, is nobody's, and PostgreSQL would refuse all for its sake.
 */
export function wantedTexts(texts: readonly string[]): string {
  return JSON.stringify(texts.filter((text) => text.isWellFormed() && !text.includes('\0')));
}

/** A value of `wantedValues` as a whole number. */
export const wantedInteger = sql<number>`cast(${sql.ref('wanted.value')} as integer)`;

/** All numbers of a JSON array given as one text parameter: `column not in ${jsonIntegers(db, parameter)}`. */
export function jsonIntegers(db: Kysely<Tables>, json: string): RawBuilder<number> {
  const values = engineOf(db) === 'sqlite' ? sql`json_each(${json})` : sql`jsonb_array_elements_text(${json}::jsonb)`;
  return sql<number>`(select cast(value as integer) from ${values})`;
}

/**
 * The texts of a column in the order of the rows, joined, between `head` and `tail`: one run of UTF-8 bytes (see
 * `joinedValue`) that goes out as it is. Nothing but head and tail where there are no rows.
 */
export function joinedBytes(
  db: Kysely<Tables>,
  column: Expression<string>,
  head: string,
  tail: string,
): RawBuilder<Uint8Array | string> {
  if (engineOf(db) === 'postgres') return sql`${head}::text || coalesce(string_agg(${column}, ','), '') || ${tail}`;
  return sql`cast(${head} || coalesce(group_concat(${column}, ','), '') || ${tail} as blob)`;
}

/** The same behind `head` and with any separator, of those rows that pass; null where there are none. */
export function joinedChunk(
  db: Kysely<Tables>,
  column: Expression<string>,
  separator: string,
  head: string,
  passes: Expression<SqlBool> | null = null,
): RawBuilder<Uint8Array | string | null> {
  const filter = passes ? sql` filter (where ${passes})` : sql``;
  if (engineOf(db) === 'postgres') return sql`${head}::text || string_agg(${column}, ${sql.lit(separator)})${filter}`;
  return sql`cast(${head} || group_concat(${column}, ${sql.lit(separator)})${filter} as blob)`;
}

/**
 * What `joinedBytes` and `joinedChunk` answered, as bytes. SQLite gives them without a detour through a JavaScript
 * string; pg reads every column as text, for which bytes would have to be written in hexadecimal.
 */
export function joinedValue(value: unknown): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array);
}

/**
 * A table to be read along one of its indexes. SQLite has no statistics of our tables and takes the primary key for the
 * better way wherever that gives the order too, however many rows it leads past. PostgreSQL has statistics.
 */
export function withIndex<Row>(
  db: Kysely<Tables>,
  table: string,
  index: string | null,
): AliasedRawBuilder<Row, 'indexed'> {
  const isNamed = index !== null && engineOf(db) === 'sqlite';
  const alias = isNamed ? sql`${sql.ref('indexed')} indexed by ${sql.ref(index)}` : sql.ref('indexed');
  return sql<Row>`${sql.table(table)}`.as<'indexed'>(alias);
}

/**
 * A statement that is run for many rows. SQLite runs a prepared one for each of them; PostgreSQL, to which each
 * statement is a journey, takes all rows at once as one JSON parameter.
 */
export interface ManyStatement<Column extends string> {
  readonly each: PreparedQuery<Record<Column, unknown>>;
  readonly all: PreparedQuery<{ rows: string }>;
  /** The table that gets rows by it; null where it only changes rows. */
  readonly grows: string | null;
}

interface Conflict<Column extends string> {
  readonly columns: readonly Column[];
  /** Columns that take the new row's values. */
  readonly update: readonly Column[];
}

type ColumnOf<Table extends keyof Tables> = keyof Tables[Table] & string;

/** Inserts rows; where one meets another with the same key, that one is updated if `conflict` says how. */
export function insertEach<Table extends keyof Tables & string, Column extends ColumnOf<Table>>(
  table: Table,
  columns: readonly Column[],
  conflict?: Conflict<Column>,
): ManyStatement<Column> {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const otherwise = conflict ? onConflict(conflict) : sql``;
  return {
    grows: table,
    each: preparedSql((parameter) => {
      const values = sql.join(columns.map((column) => parameter(column)));
      return sql`insert into ${sql.table(table)} (${names}) values (${values})${otherwise}`;
    }),
    all: preparedSql((parameter) => {
      return sql`insert into ${sql.table(table)} (${names}) select ${names} from ${givenRows(table, parameter('rows'))}${otherwise}`;
    }),
  };
}

function onConflict({ columns, update }: Conflict<string>): RawBuilder<unknown> {
  const changes = update.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`);
  return sql` on conflict (${sql.join(columns.map((column) => sql.ref(column)))}) do update set ${sql.join(changes)}`;
}

/** Updates rows that are found by their keys, with `onlyWhereNull` those alone in which that column is null. */
export function updateEach<Table extends keyof Tables & string, Column extends ColumnOf<Table>>(
  table: Table,
  keys: readonly Column[],
  columns: readonly Column[],
  { onlyWhereNull }: { readonly onlyWhereNull?: ColumnOf<Table> } = {},
): ManyStatement<Column> {
  const own = (column: string) => sql.ref(`${table}.${column}`);
  const guard = onlyWhereNull === undefined ? [] : [sql`${own(onlyWhereNull)} is null`];
  const conditions = (value: (column: Column) => unknown) =>
    sql.join([...keys.map((key) => sql`${own(key)} = ${value(key)}`), ...guard], sql` and `);
  const changes = (value: (column: Column) => unknown) =>
    sql.join(columns.map((column) => sql`${sql.ref(column)} = ${value(column)}`));
  const given = (column: Column) => sql.ref(`given.${column}`);
  return {
    grows: null,
    each: preparedSql((parameter) => {
      return sql`update ${sql.table(table)} set ${changes(parameter)} where ${conditions(parameter)}`;
    }),
    all: preparedSql((parameter) => {
      const rows = givenRows(table, parameter('rows'));
      return sql`update ${sql.table(table)} set ${changes(given)} from ${rows} where ${conditions(given)}`;
    }),
  };
}

/** The rows of a JSON array of objects, as a table `given` with the columns and types of that table. */
function givenRows(table: string, json: unknown): RawBuilder<unknown> {
  return sql`json_populate_recordset(null::${sql.table(table)}, ${json}::json) as ${sql.ref('given')}`;
}

/** For the end of a `create table`: SQLite keeps the rows themselves in the order of the primary key. */
export function clustered(db: Kysely<unknown>): RawBuilder<unknown> {
  return engineOf(db) === 'sqlite' ? sql`without rowid` : sql``;
}

/** For the declaration of an integer primary key: numbered by the database, which SQLite does unasked. */
export function numbered(db: Kysely<unknown>): RawBuilder<unknown> {
  return engineOf(db) === 'sqlite' ? sql`` : sql`generated by default as identity`;
}

/** Makes texts sort by their bytes, as SQLite's do, whatever language the PostgreSQL database was made for. */
export class ByteOrderPlugin implements KyselyPlugin {
  readonly #transformer = new ByteOrderTransformer();

  transformQuery({ node }: Parameters<KyselyPlugin['transformQuery']>[0]) {
    return this.#transformer.transformNode(node);
  }

  async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]) {
    return result;
  }
}

class ByteOrderTransformer extends OperationNodeTransformer {
  protected override transformDataType(node: DataTypeNode): DataTypeNode {
    if (node.dataType !== 'text') return node;
    return RawNode.createWithSql('text collate "C"') as unknown as DataTypeNode;
  }
}
