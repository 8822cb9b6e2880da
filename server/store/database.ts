import type { Kysely } from 'kysely';
import type { Announcement } from './broadcast.ts';
import type { ManyStatement } from './dialect.ts';
import type { PreparedQuery, Value } from './prepared.ts';
import type { OrganizationId, Tables } from './tables.ts';

/** A place to run statements: the shared reading connection, a transaction, or a snapshot. */
export interface Connection {
  readonly kysely: Kysely<Tables>;
  /** All rows of a prepared query, each an array in the order of its columns. */
  rows<P extends object>(query: PreparedQuery<P>, parameters: P): Promise<Value[][]>;
  /** The first row of a prepared query. */
  row<P extends object>(query: PreparedQuery<P>, parameters: P): Promise<Value[] | undefined>;
  /** Runs a statement for each of the rows, in their order. */
  runMany<Column extends string>(
    statement: ManyStatement<Column>,
    rows: readonly Readonly<Record<Column, Value>>[],
  ): Promise<void>;
}

/** Inside a transaction: reads what it wrote, and is gone or there as a whole. */
export interface Transaction extends Connection {
  readonly writes: true;
  /** Tells those who listen to the database, once the transaction is on disk; nobody hears of one that was undone. */
  announce(announcement: Announcement): void;
}

/** A list of an organization as somebody has seen it: by its column of `organizations`. */
export interface ListVersion {
  readonly column: 'users_version' | 'clusters_version' | 'completions_version';
  readonly version: number;
}

/** Large reads (`read`, `beginSnapshot`) since the start, by where they were done. */
export interface ReadCounts {
  readonly primary: number;
  /** On a standby, as far as there is one. */
  readonly standby: number;
}

export interface Database extends AsyncDisposable {
  /** Reads outside a transaction; never waits for a writer. */
  readonly reader: Connection;
  /**
   * Runs `work` in a transaction that is durable on disk once the promise resolves; anything it throws undoes all of it.
   * Transactions of one organization run one after the other, whichever process begins them, so that what was read
   * still holds when it is decided on; those that wait are committed together. `null` stands for what belongs to no
   * organization or to many: such transactions too run one after the other, but beside those of organizations.
   * `work` must await nothing but statements of its own transaction, and writes nothing of another organization.
   */
  transaction<T>(organization: OrganizationId | null, work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Calls `listener`, which must not throw, with what transactions announce; answers how to stop listening. */
  listen(listener: (announcement: Announcement) => void): () => void;
  /**
   * A view of one moment for a long read, on a connection of its own; give it back by disposing it. There are few: one
   * organization has at most half of them, and whoever waits too long is refused as `unavailable`.
   */
  snapshot(organization: OrganizationId): Promise<Snapshot>;
  /**
   * Runs a large read where it disturbs writers least: on a standby that shows the list in the version that its reader
   * has seen, or a later one; else as `reader` does. `work` runs anew where the standby fails.
   */
  read<T>(organization: OrganizationId, seen: ListVersion, work: (connection: Connection) => Promise<T>): Promise<T>;
  /** A `snapshot` in the same way. `begin` reads what comes first, anew where the standby fails at it. */
  beginSnapshot<T>(
    organization: OrganizationId,
    seen: ListVersion,
    begin: (connection: Connection) => Promise<T>,
  ): Promise<BegunSnapshot<T>>;
  readonly readCounts: ReadCounts;
  /** Brings the tables up to date; several processes may call it at once. */
  migrate(): Promise<void>;
  /** Throws if the database does not answer. */
  check(): Promise<void>;
}

export interface Snapshot extends AsyncDisposable {
  readonly connection: Connection;
}

export interface BegunSnapshot<T> extends Snapshot {
  /** What `begin` answered. */
  readonly begun: T;
}

/** Begins to read on a snapshot, which is given back where that fails. */
export async function beginOn<T>(
  snapshot: Snapshot,
  begin: (connection: Connection) => Promise<T>,
): Promise<BegunSnapshot<T>> {
  const giveBack = () => snapshot[Symbol.asyncDispose]();
  try {
    const begun = await begin(snapshot.connection);
    return { connection: snapshot.connection, begun, [Symbol.asyncDispose]: giveBack };
  } catch (error) {
    await giveBack();
    throw error;
  }
}
