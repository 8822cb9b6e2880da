import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Refusal } from '../domain/refusal.ts';
import { type BegunSnapshot, beginOn, type Connection, type ListVersion } from './database.ts';
import { connectionOf } from './postgres-connection.ts';
import { openLane } from './postgres-lane.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openPool } from './postgres-pool.ts';
import { prepared } from './prepared.ts';
import { type Lane, SnapshotPool } from './snapshot-pool.ts';
import type { OrganizationId } from './tables.ts';

/** How long a standby may take to say how far it is, before the primary is asked instead. */
const ANSWER_MS_MAX = 250;
/** How long a standby that failed is left alone. */
const REST_MS = 2_000;

export type StandbyOptions = Pick<PostgresOptions, 'url' | 'poolSize' | 'statementTimeoutMs'>;

/**
 * Reads of a hot standby. Each answers null where the primary has to be asked: the standby has not yet replayed what the
 * reader has seen, or does not answer in time, or fails. What it cancels because replay cannot wait is such a failure too.
 */
export class PostgresStandby {
  readonly #pool: pg.Pool;
  readonly #snapshots: SnapshotPool;
  readonly #onFailure: (error: unknown) => void;
  #restsUntil = 0;
  #isFailing = false;

  /** `onFailure` is told once when reads begin to fail, and again only after one that did not. */
  constructor(options: StandbyOptions, onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
    this.#pool = openPool(options);
    this.#snapshots = new SnapshotPool(() => openPromptLane(options));
  }

  read<T>(
    organization: OrganizationId,
    seen: ListVersion,
    work: (connection: Connection) => Promise<T>,
  ): Promise<{ readonly value: T } | null> {
    return this.#unlessItFails(async () => {
      const client = await promptly(this.#pool.connect(), (late) => late.release());
      try {
        const connection = connectionOf(client);
        // On the same connection: behind one address there may be several standbys.
        const value = (await shows(connection, organization, seen)) ? { value: await work(connection) } : null;
        client.release();
        return value;
      } catch (error) {
        client.release(true);
        throw error;
      }
    });
  }

  snapshot<T>(
    organization: OrganizationId,
    seen: ListVersion,
    begin: (connection: Connection) => Promise<T>,
  ): Promise<BegunSnapshot<T> | null> {
    return this.#unlessItFails(async () => {
      // The first statement of a snapshot: what it shows is what all others show.
      const checked = await beginOn(await this.#snapshots.take(organization), (connection) =>
        shows(connection, organization, seen),
      );
      if (checked.begun) return beginOn(checked, begin);
      await checked[Symbol.asyncDispose]();
      return null;
    });
  }

  async close(): Promise<void> {
    await this.#snapshots.close();
    await this.#pool.end();
  }

  /** What is wrong with the work itself shows again on the primary. */
  async #unlessItFails<T>(attempt: () => Promise<T | null>): Promise<T | null> {
    if (performance.now() < this.#restsUntil) return null;
    try {
      const result = await attempt();
      this.#isFailing = false;
      return result;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (!this.#isFailing) this.#onFailure(error);
      this.#isFailing = true;
      this.#restsUntil = performance.now() + REST_MS;
      return null;
    }
  }
}

const versions = {
  users_version: versionQuery('users_version'),
  clusters_version: versionQuery('clusters_version'),
  completions_version: versionQuery('completions_version'),
};

function versionQuery(column: ListVersion['column']) {
  return prepared<{ organization: OrganizationId }>((db, parameter) =>
    db.selectFrom('organizations').select(column).where('id', '=', parameter('organization')),
  );
}

/** Whether a reader there sees the list as it was seen already, or later. Versions only ever rise. */
async function shows(
  connection: Connection,
  organization: OrganizationId,
  { column, version }: ListVersion,
): Promise<boolean> {
  const row = await promptly(connection.row(versions[column], { organization }));
  return row !== undefined && Number(row[0]) >= version;
}

async function openPromptLane(options: StandbyOptions): Promise<Lane> {
  const lane = await promptly(openLane(options), (late) => void late.close());
  return {
    connection: lane.connection,
    begin: () => promptly(lane.begin()),
    end: () => promptly(lane.end()),
    close: () => promptly(lane.close()).catch(() => {}),
  };
}

/** What a promise answers within the time that a standby has; `tooLate` is given what comes after that. */
async function promptly<T>(answer: Promise<T>, tooLate: (late: T) => void = () => {}): Promise<T> {
  const inTime = new AbortController();
  const timeout = sleep(ANSWER_MS_MAX, undefined, { signal: inTime.signal }).then(() => {
    answer.then(tooLate, () => {});
    throw new Error('the standby does not answer in time');
  });
  timeout.catch(() => {});
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    inTime.abort();
  }
}
