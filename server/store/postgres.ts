import { sql } from 'kysely';
import type pg from 'pg';
import type { Announcement } from './broadcast.ts';
import {
  type BegunSnapshot,
  beginOn,
  type Connection,
  type Database,
  type ListVersion,
  type Snapshot,
  type Transaction,
} from './database.ts';
import { ByteOrderPlugin } from './dialect.ts';
import { isUpToDate, migrateToLatest } from './migrate.ts';
import { PostgresAnnouncer } from './postgres-announcer.ts';
import { PostgresConnection } from './postgres-connection.ts';
import { openLane } from './postgres-lane.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openClient, openPool } from './postgres-pool.ts';
import { PostgresStandby } from './postgres-standby.ts';
import { PostgresWriter } from './postgres-writer.ts';
import { SnapshotPool } from './snapshot-pool.ts';
import type { OrganizationId } from './tables.ts';

/** Advisory lock of whoever migrates; the number is ours alone. */
const MIGRATION_LOCK = 7_655_225_502;

/** Connects to PostgreSQL 15 or newer when first asked. */
export function openPostgres(
  options: PostgresOptions,
  onStandbyFailure: (error: unknown) => void = () => {},
): Database {
  return new PostgresEngine(options, onStandbyFailure);
}

class PostgresEngine implements Database {
  readonly reader: PostgresConnection;
  readonly readCounts = { primary: 0, standby: 0 };
  readonly #options: PostgresOptions;
  readonly #pool: pg.Pool;
  readonly #writer: PostgresWriter;
  readonly #snapshots: SnapshotPool;
  readonly #announcer: PostgresAnnouncer;
  readonly #standby: PostgresStandby | null;

  constructor(options: PostgresOptions, onStandbyFailure: (error: unknown) => void) {
    this.#options = options;
    this.#pool = openPool(options);
    this.reader = new PostgresConnection(this.#pool);
    this.#announcer = new PostgresAnnouncer(options, this.#pool);
    this.#writer = new PostgresWriter(this.#pool, (announcements) => this.#announcer.tell(announcements));
    this.#snapshots = new SnapshotPool(() => openLane(options));
    this.#standby =
      options.readUrl === null ? null : new PostgresStandby({ ...options, url: options.readUrl }, onStandbyFailure);
  }

  transaction<T>(organization: OrganizationId | null, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#writer.run(organization, work);
  }

  listen(listener: (announcement: Announcement) => void): () => void {
    return this.#announcer.listen(listener);
  }

  snapshot(organization: OrganizationId): Promise<Snapshot> {
    return this.#snapshots.take(organization);
  }

  async read<T>(
    organization: OrganizationId,
    seen: ListVersion,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const read = await this.#standby?.read(organization, seen, work);
    this.readCounts[read ? 'standby' : 'primary']++;
    return read ? read.value : work(this.reader);
  }

  async beginSnapshot<T>(
    organization: OrganizationId,
    seen: ListVersion,
    begin: (connection: Connection) => Promise<T>,
  ): Promise<BegunSnapshot<T>> {
    const begun = await this.#standby?.snapshot(organization, seen, begin);
    this.readCounts[begun ? 'standby' : 'primary']++;
    return begun ?? beginOn(await this.snapshot(organization), begin);
  }

  async migrate(): Promise<void> {
    await requireUsable(this.reader);
    if (await isUpToDate(this.reader)) return;
    await requireRight(this.reader);
    const client = await openClient({ url: this.#options.url, statementTimeoutMs: 0 });
    const connection = new PostgresConnection(client);
    try {
      await connection.exec(`begin; select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
      if (!(await isUpToDate(connection))) await migrateToLatest(connection.kysely.withPlugin(new ByteOrderPlugin()));
      await connection.commit();
    } finally {
      await client.end();
    }
  }

  async check(): Promise<void> {
    await this.reader.exec('select 1 from organizations limit 1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.drained();
    await this.#announcer[Symbol.asyncDispose]();
    await this.#snapshots.close();
    await this.#standby?.close();
    await this.#pool.end();
  }
}

const OLDEST_VERSION = 150_000;

/** Said in words at the start, rather than by whatever statement fails first. */
async function requireUsable({ kysely }: Connection): Promise<void> {
  const { rows } = await sql<{ number: string; version: string; encoding: string }>`
    select current_setting('server_version_num') as number, current_setting('server_version') as version,
      current_setting('server_encoding') as encoding`.execute(kysely);
  const { number, version, encoding } = rows[0] as (typeof rows)[number];
  if (Number(number) < OLDEST_VERSION) {
    throw new Error(`DATABASE_URL leads to PostgreSQL ${version}; Rollcall needs 15 or newer`);
  }
  if (encoding !== 'UTF8') {
    throw new Error(
      `the database of DATABASE_URL has the encoding ${encoding}; make one with: create database rollcall encoding 'UTF8' template template0`,
    );
  }
}

/** The migrator would only hear that its transaction is aborted. */
async function requireRight({ kysely }: Connection): Promise<void> {
  const { rows } = await sql<{ allowed: 0 | 1; owner: string }>`
    select has_schema_privilege(current_schema(), 'create') as allowed, current_user as owner`.execute(kysely);
  if (rows[0]?.allowed) return;
  throw new Error(
    `the user "${rows[0]?.owner}" of DATABASE_URL may not make tables; make it the owner: alter database … owner to "${rows[0]?.owner}"`,
  );
}
