import { type AliasedRawBuilder, type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';

/** Another process holds the database longer than we wait: the caller may try again. */
export class StorageBusyError extends Error {
  override readonly name = 'StorageBusyError';
}

/** The disk is full: nothing was written, reads go on. */
export class StorageFullError extends Error {
  override readonly name = 'StorageFullError';
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

/**
 * The values of a JSON array of texts, given as one parameter, as a table `wanted` with the column `value`. To find rows
 * by many keys, begin with it and cross join the table that has the index: SQLite keeps that order, whereas with
 * `column in (…)` it may decide to read the whole organization.
 */
export function wantedValues(json: string): AliasedRawBuilder<{ value: string }, 'wanted'> {
  return sql<{ value: string }>`json_each(${json})`.as('wanted');
}

/** All values of a JSON array given as one text parameter: `column not in ${jsonValues(parameter)}`. */
export function jsonValues(json: string): RawBuilder<string> {
  return sql<string>`(select value from json_each(${json}))`;
}

/**
 * The texts of a column in the order of the rows, joined, between `head` and `tail`: one run of UTF-8 bytes that goes
 * out as it is, without a detour through a JavaScript string. Nothing but head and tail where there are no rows.
 */
export function joinedBytes(column: Expression<string>, head: string, tail: string): RawBuilder<Uint8Array> {
  return sql`cast(${head} || coalesce(group_concat(${column}, ','), '') || ${tail} as blob)`;
}

/** The same behind `head` and with any separator, of those rows that pass; null where there are none. */
export function joinedChunk(
  column: Expression<string>,
  separator: string,
  head: string,
  passes: Expression<SqlBool> | null = null,
): RawBuilder<Uint8Array | null> {
  const filter = passes ? sql` filter (where ${passes})` : sql``;
  return sql`cast(${head} || group_concat(${column}, ${sql.lit(separator)})${filter} as blob)`;
}

/**
 * A table to be read along one of its indexes. SQLite has no statistics of our tables and takes the primary key for the
 * better way wherever that gives the order too, however many rows it leads past.
 */
export function withIndex<Row>(table: string, index: string | null): AliasedRawBuilder<Row, 'indexed'> {
  const alias = index === null ? sql.ref('indexed') : sql`${sql.ref('indexed')} indexed by ${sql.ref(index)}`;
  return sql<Row>`${sql.table(table)}`.as<'indexed'>(alias);
}
