import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import { type Announcement, Announcements } from './broadcast.ts';
import type { Transaction } from './database.ts';
import type { ManyStatement } from './dialect.ts';
import type { PreparedQuery, Value } from './prepared.ts';
import type { Tables } from './tables.ts';

const STATEMENTS_MAX = 256;

/**
 * Opens one connection. The page size holds a completion without an overflow page; the cache is small on purpose,
 * since the operating system's holds the file anyway. Waiting for another process happens outside (`begin` is tried
 * again), because SQLite's own waiting would stop the event loop.
 */
export function openConnection(path: string): SqliteConnection {
  const file = new DatabaseSync(path);
  file.exec(`
    pragma busy_timeout = 5000;
    pragma page_size = 8192;
    pragma journal_mode = wal;
    pragma busy_timeout = 20;
    pragma foreign_keys = on;
    pragma synchronous = full;
    pragma cache_size = -4000;
  `);
  return new SqliteConnection(file);
}

/** One open file: Kysely for most queries, bare prepared statements for the hot ones. */
export class SqliteConnection implements Transaction {
  readonly writes = true;
  readonly kysely: Kysely<Tables>;
  readonly #file: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Of the transaction that runs. */
  readonly announcements = new Announcements();

  constructor(file: DatabaseSync) {
    this.#file = file;
    this.kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database: kyselyDatabase(file) }) });
  }

  async rows<P extends object>(query: PreparedQuery<P>, parameters: P): Promise<Value[][]> {
    return this.#statement(query).all(...query.values(this.kysely, parameters)) as unknown as Value[][];
  }

  async row<P extends object>(query: PreparedQuery<P>, parameters: P): Promise<Value[] | undefined> {
    return this.#statement(query).get(...query.values(this.kysely, parameters)) as unknown as Value[] | undefined;
  }

  async runMany<Column extends string>(
    { each }: ManyStatement<Column>,
    rows: readonly Readonly<Record<Column, Value>>[],
  ): Promise<void> {
    const statement = this.#statement(each);
    for (const row of rows) statement.run(...each.values(this.kysely, row));
  }

  announce(announcement: Announcement): void {
    this.announcements.add(announcement);
  }

  exec(sql: string): void {
    this.#file.exec(sql);
  }

  get isInTransaction(): boolean {
    return this.#file.isTransaction;
  }

  rollback(): void {
    if (this.isInTransaction) this.#file.exec('rollback');
  }

  close(): void {
    this.#statements.clear();
    this.#file.close();
  }

  #statement<P extends object>(query: PreparedQuery<P>): StatementSync {
    const sql = query.sql(this.kysely);
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#file.prepare(sql);
    statement.setReturnArrays(true);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** The shape in which Kysely's SQLite dialect takes a driver; the statements used last are kept prepared. */
function kyselyDatabase(file: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, ReturnType<SqliteDatabase['prepare']>>();
  const prepare = (sql: string) => {
    const statement = file.prepare(sql);
    return {
      reader: statement.columns().length > 0,
      all: (values: readonly unknown[]) => statement.all(...(values as Value[])),
      run: (values: readonly unknown[]) => statement.run(...(values as Value[])),
      iterate: (values: readonly unknown[]) => statement.iterate(...(values as Value[])) as IterableIterator<unknown>,
    };
  };
  return {
    close: () => file.close(),
    prepare(sql) {
      const statement = statements.get(sql) ?? prepare(sql);
      statements.delete(sql);
      statements.set(sql, statement);
      if (statements.size > STATEMENTS_MAX) statements.delete(statements.keys().next().value as string);
      return statement;
    },
  };
}
