import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type Announcement, type AnnouncementRelay, Broadcast } from './broadcast.ts';
import {
  type BegunSnapshot,
  beginOn,
  type Connection,
  type Database,
  type ListVersion,
  type Snapshot,
  type Transaction,
} from './database.ts';
import { isBusy, storageError } from './dialect.ts';
import { isUpToDate, migrateToLatest } from './migrate.ts';
import { type Lane, SnapshotPool } from './snapshot-pool.ts';
import { openConnection, type SqliteConnection } from './sqlite-connection.ts';
import type { OrganizationId } from './tables.ts';

/** Longest time for which transactions are gathered into one commit; it bounds how long the first of them waits. */
const GROUP_MS_MAX = 20;
/** How long a writer of another process (the command line) is waited for. */
const BUSY_MS_MAX = 5_000;

/** Opens (and on first use makes) `rollcall.db` in the directory, in WAL mode with `synchronous=FULL`. */
export function openSqlite(directory: string, relay: AnnouncementRelay | null = null): Database {
  mkdirSync(directory, { recursive: true });
  return new SqliteEngine(join(directory, 'rollcall.db'), relay);
}

interface Job {
  readonly work: (transaction: Transaction) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A job that ran: what to tell its caller once the group is on disk. */
interface Settlement {
  readonly job: Job;
  readonly settle: () => void;
}

function openLane(path: string): Lane {
  const connection = openConnection(path);
  return {
    connection,
    begin: async () => connection.exec('begin'),
    end: async () => connection.rollback(),
    close: async () => connection.close(),
  };
}

class SqliteEngine implements Database {
  readonly reader: SqliteConnection;
  readonly readCounts = { primary: 0, standby: 0 };
  readonly #writer: SqliteConnection;
  readonly #snapshots: SnapshotPool;
  readonly #broadcast: Broadcast;
  readonly #queue: Job[] = [];
  #draining: Promise<void> | undefined;

  constructor(path: string, relay: AnnouncementRelay | null) {
    this.#broadcast = new Broadcast(relay);
    this.#writer = openConnection(path);
    this.reader = openConnection(path);
    this.#snapshots = new SnapshotPool(async () => openLane(path));
  }

  transaction<T>(_organization: OrganizationId | null, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#draining ??= this.#drain();
    });
  }

  listen(listener: (announcement: Announcement) => void): () => void {
    return this.#broadcast.listen(listener);
  }

  snapshot(organization: OrganizationId): Promise<Snapshot> {
    return this.#snapshots.take(organization);
  }

  read<T>(_organization: OrganizationId, _seen: ListVersion, work: (connection: Connection) => Promise<T>): Promise<T> {
    this.readCounts.primary++;
    return work(this.reader);
  }

  async beginSnapshot<T>(
    organization: OrganizationId,
    _seen: ListVersion,
    begin: (connection: Connection) => Promise<T>,
  ): Promise<BegunSnapshot<T>> {
    this.readCounts.primary++;
    return beginOn(await this.snapshot(organization), begin);
  }

  async migrate(): Promise<void> {
    if (await isUpToDate(this.reader)) return;
    await this.#begin();
    try {
      await migrateToLatest(this.#writer.kysely);
      this.#writer.exec('commit');
    } finally {
      this.#writer.rollback();
    }
  }

  async check(): Promise<void> {
    this.reader.exec('select 1 from organizations limit 1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#draining;
    await this.#snapshots.close();
    this.reader.close();
    this.#writer.close();
  }

  /** Commits what waits in groups: one sync to disk serves all transactions that came in meanwhile. */
  async #drain(): Promise<void> {
    await nextTurn();
    while (this.#queue.length > 0) await this.#commitGroup();
    this.#draining = undefined;
  }

  async #commitGroup(): Promise<void> {
    const group: Settlement[] = [];
    let running: Job | undefined;
    try {
      await this.#begin();
      const started = performance.now();
      while (performance.now() - started < GROUP_MS_MAX) {
        running = this.#queue.shift();
        if (!running) break;
        group.push(await this.#run(running));
        running = undefined;
        await nextTurn();
      }
      this.#writer.exec('commit');
    } catch (error) {
      this.#writer.rollback();
      const lost = running ? [running] : group.length === 0 ? this.#queue.splice(0) : [];
      for (const job of [...group.map((settlement) => settlement.job), ...lost]) job.reject(storageError(error));
      return;
    }
    for (const { settle } of group) settle();
  }

  /** One transaction is a savepoint of its group, so that its failure undoes nothing of the others. */
  async #run(job: Job): Promise<Settlement> {
    this.#writer.exec('savepoint work');
    try {
      const result = await job.work(this.#writer);
      this.#writer.exec('release work');
      const announcements = this.#writer.announcements.take();
      return { job, settle: () => this.#settle(job, result, announcements) };
    } catch (error) {
      this.#writer.announcements.take();
      // A full disk makes SQLite undo the whole group by itself.
      if (!this.#writer.isInTransaction) throw error;
      this.#writer.exec('rollback to work; release work');
      return { job, settle: () => job.reject(storageError(error)) };
    }
  }

  #settle(job: Job, result: unknown, announcements: readonly Announcement[]): void {
    job.resolve(result);
    this.#broadcast.tell(announcements);
  }

  async #begin(): Promise<void> {
    const deadline = performance.now() + BUSY_MS_MAX;
    for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
      try {
        this.#writer.exec('begin immediate');
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
        await sleep(wait);
      }
    }
  }
}
