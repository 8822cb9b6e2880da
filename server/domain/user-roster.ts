/** A user as stored. `email` is normalized; `position` is the user's place in the organization's sequence. */
export interface KnownUser {
  readonly position: number;
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly active: boolean;
  readonly remoteId: string | null;
}

/** A user as a batch leaves it; `position` is null for one that the batch creates. */
export interface PlannedUser extends Omit<KnownUser, 'position'> {
  readonly position: number | null;
}

/** A stored user that a batch changes, with what was stored, so that a store can write what differs and no more. */
export interface ChangedUser<Known extends KnownUser = KnownUser> extends PlannedUser {
  readonly position: number;
  readonly before: Known;
}

/** What a batch writes; each user once, in its final state. */
export interface RosterChanges<Known extends KnownUser = KnownUser> {
  /** New users, in the order of their items. */
  readonly created: PlannedUser[];
  /** Stored users whose final state differs from what is stored. */
  readonly updated: ChangedUser<Known>[];
  /**
   * Those of `updated` whose stored email or remoteId another user takes over. A store with unique keys first clears
   * both keys of these, then writes `updated` in any order, then `created`: no statement meets a key that is taken.
   */
  readonly released: ChangedUser<Known>[];
}

/** A user on the way through a batch: as stored (null for a new one), and as it stands now. */
export interface Entry<Known extends KnownUser = KnownUser> {
  readonly before: Known | null;
  now: PlannedUser;
}

/** Everyone whom a batch may touch, found by the keys that they bear at that moment of the batch. */
export interface Roster<Known extends KnownUser = KnownUser> {
  readonly byId: Map<string, Entry<Known>>;
  readonly byRemoteId: Map<string, Entry<Known>>;
  readonly byEmail: Map<string, Entry<Known>>;
  /** Everyone who was created, or changed at least once. */
  readonly touched: Set<Entry<Known>>;
}

function enter<Known extends KnownUser>(roster: Roster<Known>, entry: Entry<Known>): void {
  const { id, remoteId, email } = entry.now;
  roster.byId.set(id, entry);
  if (remoteId !== null) roster.byRemoteId.set(remoteId, entry);
  if (email !== null) roster.byEmail.set(email, entry);
}

/** The roster at the beginning of a batch. A user whom the store found by several keys may come more than once. */
export function openRoster<Known extends KnownUser>(known: Iterable<Known>): Roster<Known> {
  const roster: Roster<Known> = { byId: new Map(), byRemoteId: new Map(), byEmail: new Map(), touched: new Set() };
  for (const user of known) enter(roster, { before: user, now: user });
  return roster;
}

/** Puts a user's next state in place under its new keys, and frees the old ones for what follows in the batch. */
export function place<Known extends KnownUser>(roster: Roster<Known>, entry: Entry<Known>, next: PlannedUser): void {
  const { remoteId, email } = entry.now;
  if (remoteId !== null && remoteId !== next.remoteId) roster.byRemoteId.delete(remoteId);
  if (email !== null && email !== next.email) roster.byEmail.delete(email);
  entry.now = next;
  enter(roster, entry);
  roster.touched.add(entry);
}

/** Whether two states of one user are alike. */
export function isSameState(a: PlannedUser, b: PlannedUser): boolean {
  return (
    a.firstName === b.firstName &&
    a.lastName === b.lastName &&
    a.email === b.email &&
    a.active === b.active &&
    a.remoteId === b.remoteId
  );
}

function isTaken(owner: Entry | undefined, formerOwner: KnownUser): boolean {
  return owner !== undefined && owner.now.id !== formerOwner.id;
}

/** Ends the batch: what is to be written. An entry that came back to its stored state shows the stored user again. */
export function closeRoster<Known extends KnownUser>(roster: Roster<Known>): RosterChanges<Known> {
  const created: PlannedUser[] = [];
  const updated: ChangedUser<Known>[] = [];
  for (const entry of roster.touched) {
    const { before, now } = entry;
    if (before === null) {
      created.push(now);
    } else if (isSameState(before, now)) {
      entry.now = before;
    } else {
      const changed = { ...now, position: before.position, before };
      entry.now = changed;
      updated.push(changed);
    }
  }
  const released = updated.filter(
    ({ before }) =>
      isTaken(roster.byRemoteId.get(before.remoteId ?? ''), before) ||
      isTaken(roster.byEmail.get(before.email ?? ''), before),
  );
  return { created, updated, released };
}
