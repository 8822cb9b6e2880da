import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { type Announcement, Announcements } from './broadcast.ts';
import type { Transaction } from './database.ts';
import { type ManyStatement, postgresError, StorageBusyError } from './dialect.ts';
import type { PreparedQuery, Value } from './prepared.ts';
import type { Tables } from './tables.ts';

/** Statements that a connection keeps prepared; any others, whose texts differ with the number of values, are not. */
const STATEMENTS_MAX = 500;
/** Rows that a connection inserts into a table before they are first counted. */
const ROWS_BEFORE_COUNT = 500;
/** Rows of one JSON parameter. */
const ROWS_AT_ONCE = 2_000;

const { BOOL, INT2, INT4, INT8, FLOAT4, FLOAT8, NUMERIC, BYTEA } = pg.types.builtins;
const NUMBERS: readonly number[] = [INT2, INT4, INT8, FLOAT4, FLOAT8, NUMERIC];

/**
 * Values as SQLite's driver returns them: numbers as numbers (ours all fit), a boolean as 0 or 1, everything else as
 * the text that it is.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser(type: number, format?: string) {
    if (NUMBERS.includes(type)) return Number;
    if (type === BOOL) return (text: string) => (text === 't' ? 1 : 0);
    if (type === BYTEA) return pg.types.getTypeParser(type, format as 'text');
    return (text: string) => text;
  },
} as pg.CustomTypesConfig;

/** A pool, or one of its connections. */
type Queryable = Pick<pg.Pool, 'query'>;

const names = new Map<string, string>();

/** The name under which a connection keeps a statement prepared; undefined where there are too many of them. */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= STATEMENTS_MAX) return undefined;
  const name = randomUUID();
  names.set(text, name);
  return name;
}

/** Compiles prepared queries, which is the same for all connections. */
const compiler = kyselyOver(async () => {
  throw new Error('the compiler runs nothing');
});

function kyselyOver(run: (sql: string, values: readonly unknown[]) => Promise<pg.QueryResult>): Kysely<Tables> {
  const client = { query: run, release() {} } as unknown as PostgresPoolClient;
  const pool = { connect: async () => client, end: async () => {} };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pool as never }) });
}

const connections = new WeakMap<pg.PoolClient, PostgresConnection>();

/** The one that runs statements on this connection of a pool, for as long as the pool has it. */
export function connectionOf(client: pg.PoolClient): PostgresConnection {
  const known = connections.get(client);
  if (known) return known;
  const connection = new PostgresConnection(client);
  connections.set(client, connection);
  return connection;
}

/** Runs statements on a pool, each on any connection of it, or on one connection. Errors are as `dialect.ts` names them. */
export class PostgresConnection implements Transaction {
  readonly writes = true;
  readonly kysely: Kysely<Tables>;
  readonly #queryable: Queryable;
  /** Of the transaction that runs. */
  readonly announcements = new Announcements();
  readonly #inserted = new Map<string, number>();
  readonly #countAt = new Map<string, number>();

  constructor(queryable: Queryable) {
    this.#queryable = queryable;
    this.kysely = kyselyOver((sql, values) => this.#run({ text: sql, values: [...values] }));
  }

  async rows<P extends object>(query: PreparedQuery<P>, parameters: P): Promise<Value[][]> {
    const text = query.sql(compiler);
    const { rows } = await this.#run({ text, values: query.values(compiler, parameters), rowMode: 'array' });
    return rows as unknown as Value[][];
  }

  async row<P extends object>(query: PreparedQuery<P>, parameters: P): Promise<Value[] | undefined> {
    return (await this.rows(query, parameters))[0];
  }

  async runMany<Column extends string>(
    { all, grows }: ManyStatement<Column>,
    rows: readonly Readonly<Record<Column, Value>>[],
  ): Promise<void> {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const some = rows.slice(from, from + ROWS_AT_ONCE);
      await this.rows(all, { rows: JSON.stringify(some) });
      if (grows !== null) await this.#countRows(grows, some.length);
    }
  }

  /**
   * A plan that was made for an empty table may go along an index that leads through a whole organization, and is kept,
   * also that by which a foreign key is checked, until PostgreSQL has counted the rows. By itself it does that after a
   * minute, which in a new database is the minute of the first roster. So it is told to whenever twice as much is there.
   */
  async #countRows(table: string, rows: number): Promise<void> {
    const inserted = (this.#inserted.get(table) ?? 0) + rows;
    this.#inserted.set(table, inserted);
    if (inserted < (this.#countAt.get(table) ?? ROWS_BEFORE_COUNT)) return;
    this.#countAt.set(table, inserted * 2);
    await this.exec(`analyze (skip_locked) ${table}`);
  }

  announce(announcement: Announcement): void {
    this.announcements.add(announcement);
  }

  /** One or several statements without values. */
  async exec(sql: string): Promise<void> {
    try {
      await this.#queryable.query(sql);
    } catch (error) {
      throw postgresError(error);
    }
  }

  /** Throws where a statement failed whose error somebody swallowed: then the server undoes all, and calls it a success. */
  async commit(): Promise<void> {
    try {
      const { command } = await this.#queryable.query('commit');
      if (command !== 'COMMIT') throw new TypeError('a statement of the transaction had failed: it was rolled back');
    } catch (error) {
      throw postgresError(error);
    }
  }

  async #run(query: pg.QueryConfig & { rowMode?: 'array' }): Promise<pg.QueryResult> {
    const name = nameOf(query.text);
    try {
      const values = (query.values ?? []).map(storable);
      return await this.#queryable.query({ ...query, values, types, ...(name !== undefined && { name }) });
    } catch (error) {
      if ((error as { routine?: string }).routine !== 'RevalidateCachedQuery') throw postgresError(error);
      // Prepared before a column became of another type: prepared under another name when it is tried again.
      if (names.get(query.text) === name) names.delete(query.text);
      throw new StorageBusyError('the tables have changed', { cause: error });
    }
  }
}

/** No text that we store has a NUL character. Asked for one, PostgreSQL would fail, where it is only not to be found. */
function storable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
}
