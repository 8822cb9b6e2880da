import { Refusal } from '../domain/refusal.ts';
import type { Connection, Snapshot } from './database.ts';
import type { OrganizationId } from './tables.ts';

/** Long reads at the same time; a further one waits for its turn, so that streams cannot eat up memory. */
const SNAPSHOTS_MAX = 8;
/** Of these for one organization, so that its slow readers leave room for all others. */
const SNAPSHOTS_PER_ORGANIZATION_MAX = SNAPSHOTS_MAX / 2;
/** Whoever has waited so long for a turn is told to come again. */
const WAIT_MS_MAX = 2_000;

/** A connection that is used for nothing but long reads, one at a time. */
export interface Lane {
  readonly connection: Connection;
  /** Begins a transaction whose reads all see the same moment. */
  begin(): Promise<void>;
  /** Ends it; throws where the connection is of no use any more. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** Somebody whose turn has not come. */
interface Waiter {
  readonly organization: OrganizationId;
  readonly begin: () => void;
}

/** Connections for long reads, each in a read transaction for as long as it is out. */
export class SnapshotPool {
  readonly #open: () => Promise<Lane>;
  readonly #waiting = new Set<Waiter>();
  readonly #outByOrganization = new Map<OrganizationId, number>();
  #idle: Lane | undefined;
  #out = 0;
  #closed = false;

  constructor(open: () => Promise<Lane>) {
    this.#open = open;
  }

  /** Rejects with `unavailable` where no turn comes in time. */
  async take(organization: OrganizationId): Promise<Snapshot> {
    if (this.#hasRoomFor(organization)) this.#count(organization, 1);
    else await this.#wait(organization);
    try {
      const lane = await this.#begin();
      return { connection: lane.connection, [Symbol.asyncDispose]: () => this.#giveBack(organization, lane) };
    } catch (error) {
      this.#passOn(organization);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#idle?.close();
  }

  async #begin(): Promise<Lane> {
    const lane = this.#idle ?? (await this.#open());
    if (lane === this.#idle) this.#idle = undefined;
    try {
      await lane.begin();
      return lane;
    } catch (error) {
      await lane.close();
      throw error;
    }
  }

  /** Resolves once there is room, which is then counted as taken. */
  #wait(organization: OrganizationId): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new Refusal('unavailable', 'Too many long reads run at the same time. Try again in a few seconds.'));
      }, WAIT_MS_MAX);
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const waiter = { organization, begin };
      this.#waiting.add(waiter);
    });
  }

  async #giveBack(organization: OrganizationId, lane: Lane): Promise<void> {
    try {
      await lane.end();
      if (this.#closed || this.#idle) await lane.close();
      else this.#idle = lane;
    } catch {
      // The reader has had its answer, or an error of its own: a broken connection is only not used again.
      await lane.close();
    } finally {
      this.#passOn(organization);
    }
  }

  #passOn(organization: OrganizationId): void {
    this.#count(organization, -1);
    const next = this.#next();
    if (!next) return;
    this.#waiting.delete(next);
    this.#count(next.organization, 1);
    next.begin();
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
