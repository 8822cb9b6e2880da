import type { User } from '@rollcall/contract/users.ts';

const fields = ['firstName', 'lastName', 'email', 'active', 'remoteId'] as const;
type Field = (typeof fields)[number];

/** The keys, which another user may have taken in the meantime. */
const keyFields = ['email', 'remoteId'] as const;

/** What an undo does to one user. */
export interface Undo {
  /** The user as the undo is to leave it. */
  readonly user: User;
  /** Fields that stay as they are, since somebody changed them after the run. */
  readonly leftAlone: readonly Field[];
}

/** A state of a user, or of nobody yet. */
type Fields = Readonly<Record<Field, string | boolean | null>>;

/** Each field in which two states of a user differ. */
export function differing(a: Fields, b: Fields): Field[] {
  return fields.filter((field) => a[field] !== b[field]);
}

/** Gives fields that a run changed their former values, where they still have those that the run gave them. */
export function undoChange(before: User, after: User, present: User): Undo {
  const changed = differing(before, after);
  const own = changed.filter((field) => present[field] === after[field]);
  const former = Object.fromEntries(own.map((field) => [field, before[field]]));
  const leftAlone = changed.filter((field) => !own.includes(field) && present[field] !== before[field]);
  return { user: { ...present, ...former }, leftAlone };
}

/** Deactivates a user that a run created, unless somebody has changed anything of it since. */
export function undoCreation(created: User, present: User): Undo {
  if (!present.active) return { user: present, leftAlone: [] };
  const leftAlone = differing(created, present);
  return { user: leftAlone.length > 0 ? present : { ...present, active: false }, leftAlone };
}

/** The undo of a user whose former email or remote id somebody else has by now: both keys stay as they are. */
export function keepKeys({ user, leftAlone }: Undo, present: User): Undo {
  const kept = keyFields.filter((field) => user[field] !== present[field]);
  return { user: { ...user, email: present.email, remoteId: present.remoteId }, leftAlone: [...leftAlone, ...kept] };
}

/** Whether an undo gives a user another email or remote id. */
export function isRekeyed({ user }: Undo, present: User): boolean {
  return keyFields.some((field) => user[field] !== present[field]);
}
