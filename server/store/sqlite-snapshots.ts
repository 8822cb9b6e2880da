import { Refusal } from '../domain/refusal.ts';
import type { Snapshot } from './database.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import type { OrganizationId } from './tables.ts';

/** Long reads at the same time; a further one waits for its turn, so that streams cannot eat up memory. */
const SNAPSHOTS_MAX = 8;
/** Of these for one organization, so that its slow readers leave room for all others. */
const SNAPSHOTS_PER_ORGANIZATION_MAX = SNAPSHOTS_MAX / 2;
/** Whoever has waited so long for a turn is told to come again. */
const WAIT_MS_MAX = 2_000;

/** Somebody whose turn has not come. */
interface Waiter {
  readonly organization: OrganizationId;
  readonly begin: (connection: SqliteConnection) => void;
}

/** Connections for long reads, each in a read transaction for as long as it is out. */
export class SnapshotPool {
  readonly #open: () => SqliteConnection;
  readonly #waiting = new Set<Waiter>();
  readonly #outByOrganization = new Map<OrganizationId, number>();
  #idle: SqliteConnection | undefined;
  #out = 0;
  #closed = false;

  constructor(open: () => SqliteConnection) {
    this.#open = open;
  }

  /** Rejects with `unavailable` where no turn comes in time. */
  async take(organization: OrganizationId): Promise<Snapshot> {
    const connection = await this.#connection(organization);
    connection.exec('begin');
    return { connection, [Symbol.asyncDispose]: async () => this.#giveBack(organization, connection) };
  }

  close(): void {
    this.#closed = true;
    this.#idle?.close();
  }

  async #connection(organization: OrganizationId): Promise<SqliteConnection> {
    if (!this.#hasRoomFor(organization)) return this.#wait(organization);
    const connection = this.#idle ?? this.#open();
    this.#idle = undefined;
    this.#count(organization, 1);
    return connection;
  }

  #wait(organization: OrganizationId): Promise<SqliteConnection> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new Refusal('unavailable', 'Too many long reads run at the same time. Try again in a few seconds.'));
      }, WAIT_MS_MAX);
      const begin = (connection: SqliteConnection) => {
        clearTimeout(timer);
        resolve(connection);
      };
      const waiter = { organization, begin };
      this.#waiting.add(waiter);
    });
  }

  #giveBack(organization: OrganizationId, connection: SqliteConnection): void {
    connection.rollback();
    this.#count(organization, -1);
    const next = this.#next();
    if (next) {
      this.#waiting.delete(next);
      this.#count(next.organization, 1);
      next.begin(connection);
      return;
    }
    if (this.#closed || this.#idle) connection.close();
    else this.#idle = connection;
  }

  /** The one that has waited longest of those whose organization may have one more. */
  #next(): Waiter | undefined {
    for (const waiter of this.#waiting) if (this.#hasRoomFor(waiter.organization)) return waiter;
    return undefined;
  }

  #hasRoomFor(organization: OrganizationId): boolean {
    const out = this.#outByOrganization.get(organization) ?? 0;
    return this.#out < SNAPSHOTS_MAX && out < SNAPSHOTS_PER_ORGANIZATION_MAX;
  }

  #count(organization: OrganizationId, change: 1 | -1): void {
    this.#out += change;
    const out = (this.#outByOrganization.get(organization) ?? 0) + change;
    if (out === 0) this.#outByOrganization.delete(organization);
    else this.#outByOrganization.set(organization, out);
  }
}
