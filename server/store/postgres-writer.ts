import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import type { Announcement } from './broadcast.ts';
import type { Transaction } from './database.ts';
import { postgresError } from './dialect.ts';
import { connectionOf, type PostgresConnection } from './postgres-connection.ts';
import type { OrganizationId } from './tables.ts';

/** Longest time for which transactions are gathered into one commit; it bounds how long the first of them waits. */
const GROUP_MS_MAX = 20;
/** Advisory lock of the transactions that belong to no organization; the number is ours alone. */
const NOBODYS_LOCK = 7_655_225_501;

interface Job {
  readonly work: (transaction: Transaction) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A job that ran: what to tell its caller once the group is on disk. */
type Settle = () => void;

/**
 * Runs transactions, those of one organization one after the other: its row is locked while one runs, against other
 * processes, and here they wait in line without a connection each. Those that wait are committed together: one sync to
 * disk serves them all.
 */
export class PostgresWriter {
  readonly #pool: pg.Pool;
  readonly #tell: (announcements: readonly Announcement[]) => void;
  readonly #lines = new Map<OrganizationId | null, Job[]>();
  readonly #running = new Set<Promise<void>>();

  /** `tell` is called with what a transaction announced, once it is committed. */
  constructor(pool: pg.Pool, tell: (announcements: readonly Announcement[]) => void) {
    this.#pool = pool;
    this.#tell = tell;
  }

  run<T>(organization: OrganizationId | null, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const job = { work, resolve: resolve as (value: unknown) => void, reject };
      const line = this.#lines.get(organization);
      if (line) line.push(job);
      else this.#begin(organization, [job]);
    });
  }

  /** Resolves once nothing runs any more. */
  async drained(): Promise<void> {
    await Promise.all(this.#running);
  }

  #begin(organization: OrganizationId | null, line: Job[]): void {
    this.#lines.set(organization, line);
    const running = this.#drain(organization, line).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #drain(organization: OrganizationId | null, line: Job[]): Promise<void> {
    while (line.length > 0) await this.#commitGroup(organization, line);
    this.#lines.delete(organization);
  }

  async #commitGroup(organization: OrganizationId | null, line: Job[]): Promise<void> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      for (const job of line.splice(0)) job.reject(postgresError(error));
      return;
    }
    const connection = connectionOf(client);
    const group: Job[] = [];
    try {
      await connection.exec(`begin; ${lockOf(organization)}`);
      const settlements = await this.#runGroup(connection, line, group);
      await connection.commit();
      client.release();
      for (const settle of settlements) settle();
    } catch (error) {
      connection.announcements.take();
      await giveBack(client, connection);
      for (const job of group.length > 0 ? group : line.splice(0)) job.reject(error);
    }
  }

  /** A job alone needs no savepoint, and its error is the error of the group. */
  async #runGroup(connection: PostgresConnection, line: Job[], group: Job[]): Promise<Settle[]> {
    const settlements: Settle[] = [];
    const waiting = line.length;
    const started = performance.now();
    while (group.length < waiting && (group.length === 0 || performance.now() - started < GROUP_MS_MAX)) {
      const job = line.shift() as Job;
      group.push(job);
      settlements.push(await (waiting === 1 ? this.#runAlone(connection, job) : this.#runOneOfMany(connection, job)));
      await nextTurn();
    }
    return settlements;
  }

  async #runAlone(connection: PostgresConnection, job: Job): Promise<Settle> {
    const result = await job.work(connection);
    return this.#settlement(job, result, connection.announcements.take());
  }

  /** A transaction is a savepoint of its group, so that its failure undoes nothing of the others. */
  async #runOneOfMany(connection: PostgresConnection, job: Job): Promise<Settle> {
    await connection.exec('savepoint work');
    try {
      const result = await job.work(connection);
      await connection.exec('release work');
      return this.#settlement(job, result, connection.announcements.take());
    } catch (error) {
      connection.announcements.take();
      await connection.exec('rollback to work; release work');
      return () => job.reject(error);
    }
  }

  #settlement(job: Job, result: unknown, announcements: readonly Announcement[]): Settle {
    return () => {
      job.resolve(result);
      this.#tell(announcements);
    };
  }
}

/** Not `for update`: rows that refer to the organization may be written meanwhile. The number is no text from outside. */
function lockOf(organization: OrganizationId | null): string {
  if (organization === null) return `select pg_advisory_xact_lock(${NOBODYS_LOCK})`;
  return `select 1 from organizations where id = ${Number(organization)} for no key update`;
}

/** Undoes what the connection was at; one that cannot even do that is thrown away. */
async function giveBack(client: pg.PoolClient, connection: PostgresConnection): Promise<void> {
  try {
    await connection.exec('rollback');
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
}
