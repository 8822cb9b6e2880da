import type pg from 'pg';
import type { Announcement } from './broadcast.ts';
import type { Database, Snapshot, Transaction } from './database.ts';
import { ByteOrderPlugin } from './dialect.ts';
import { isUpToDate, migrateToLatest } from './migrate.ts';
import { PostgresAnnouncer } from './postgres-announcer.ts';
import { PostgresConnection } from './postgres-connection.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openClient, openPool } from './postgres-pool.ts';
import { PostgresWriter } from './postgres-writer.ts';
import { type Lane, SnapshotPool } from './snapshot-pool.ts';
import type { OrganizationId } from './tables.ts';

/** Advisory lock of whoever migrates; the number is ours alone. */
const MIGRATION_LOCK = 7_655_225_502;

/** Connects to PostgreSQL 15 or newer when first asked. */
export function openPostgres(options: PostgresOptions): Database {
  return new PostgresEngine(options);
}

class PostgresEngine implements Database {
  readonly reader: PostgresConnection;
  readonly #options: PostgresOptions;
  readonly #pool: pg.Pool;
  readonly #writer: PostgresWriter;
  readonly #snapshots: SnapshotPool;
  readonly #announcer: PostgresAnnouncer;

  constructor(options: PostgresOptions) {
    this.#options = options;
    this.#pool = openPool(options);
    this.reader = new PostgresConnection(this.#pool);
    this.#announcer = new PostgresAnnouncer(options, this.#pool);
    this.#writer = new PostgresWriter(this.#pool, (announcements) => this.#announcer.tell(announcements));
    this.#snapshots = new SnapshotPool(() => openLane(options));
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

  async migrate(): Promise<void> {
    if (await isUpToDate(this.reader)) return;
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
    await this.#pool.end();
  }
}

async function openLane(options: PostgresOptions): Promise<Lane> {
  const client = await openClient(options);
  const connection = new PostgresConnection(client);
  return {
    connection,
    begin: () => connection.exec('begin isolation level repeatable read read only'),
    end: () => connection.exec('rollback'),
    close: () => client.end().catch(() => {}),
  };
}
