import { setImmediate as nextTurn } from 'node:timers/promises';
import type { User } from '@rollcall/contract/users.ts';
import type { Transaction } from '../store/database.ts';
import { insertEvents } from '../store/events.ts';
import { cancelUpcomingRegistrations } from '../store/registrations.ts';
import type { OrganizationId } from '../store/tables.ts';
import { insertUsers, markLapsed, renameUsers, setUserCounters, type UserRecord, updateUsers } from '../store/users.ts';

/** Users whom one event names at most (docs/decisions/0006). */
const USERS_AN_EVENT = 200;

type EventType = 'users.created' | 'users.updated' | 'users.deactivated';

/** A stored user that changes. */
export interface UserChange {
  readonly before: User;
  readonly after: UserRecord;
  /** A roster lacked the user, or its creation is undone: once a roster has it, it is to be active again. */
  readonly lapses?: boolean;
}

/**
 * Writes what a run does to users, or its undo, chunk by chunk within one transaction, with a turn of the event loop
 * between two chunks: other writers wait for it, readers and everyone else do not.
 */
export class UserWriter {
  readonly #organization: OrganizationId;
  readonly #transaction: Transaction;
  readonly #now: number;
  #total: number;
  #active: number;
  #isAnything = false;

  constructor(
    organization: OrganizationId,
    transaction: Transaction,
    counters: { readonly total: number; readonly active: number },
    now: number,
  ) {
    this.#organization = organization;
    this.#transaction = transaction;
    this.#total = counters.total;
    this.#active = counters.active;
    this.#now = now;
  }

  /** Creates users in this order; answers the position of the first. */
  async create(users: readonly User[]): Promise<number> {
    const first = this.#total;
    const records = users.map((user, index) => ({ ...user, position: first + index, document: JSON.stringify(user) }));
    await insertUsers(this.#organization, this.#transaction, records, this.#now, { synced: true });
    this.#total += users.length;
    this.#active += users.filter(({ active }) => active).length;
    await this.#tell('users.created', users);
    await nextTurn();
    return first;
  }

  async change(changes: readonly UserChange[]): Promise<void> {
    const { false: changed = [], true: renamed = [] } = Object.groupBy(changes, keepsKeys);
    const records = (list: readonly UserChange[]) => list.map(({ after }) => after);
    await renameUsers(this.#organization, this.#transaction, records(renamed), this.#now);
    await updateUsers(this.#organization, this.#transaction, records(changed), this.#now);
    const { true: gone = [], false: others = [] } = Object.groupBy(changes, isDeactivation);
    for (const { before, after } of changes) this.#active += Number(after.active) - Number(before.active);
    await this.#deactivate(gone);
    await this.#tell('users.deactivated', records(gone));
    await this.#tell('users.updated', records(others));
    await nextTurn();
  }

  async #deactivate(gone: readonly UserChange[]): Promise<void> {
    const lapsed = gone.filter(({ lapses }) => lapses).map(({ after }) => after.position);
    await markLapsed(this.#organization, this.#transaction, lapsed);
    const ids = gone.map(({ after }) => after.id);
    await cancelUpcomingRegistrations(this.#organization, this.#transaction, ids, this.#now);
  }

  async #tell(type: EventType, users: readonly { readonly id: string }[]): Promise<void> {
    const events = [];
    for (let from = 0; from < users.length; from += USERS_AN_EVENT) {
      const userIds = users.slice(from, from + USERS_AN_EVENT).map(({ id }) => id);
      events.push({ type, data: { userIds } });
    }
    this.#isAnything ||= events.length > 0;
    await insertEvents(this.#organization, this.#transaction, events, this.#now);
  }

  /** Writes the counters, where anything was written. */
  async finish(): Promise<void> {
    if (!this.#isAnything) return;
    const counters = { total: this.#total, active: this.#active };
    await setUserCounters(this.#organization, this.#transaction, counters, this.#now);
  }
}

function isDeactivation({ before, after }: UserChange): 'true' | 'false' {
  return before.active && !after.active ? 'true' : 'false';
}

function keepsKeys({ before, after }: UserChange): 'true' | 'false' {
  const keeps = before.email === after.email && before.remoteId === after.remoteId && before.active === after.active;
  return keeps ? 'true' : 'false';
}
