import { hash } from 'node:crypto';
import { userDocument } from '../actions/batch-users.ts';
import type { Transaction } from '../store/database.ts';
import type { OrganizationId } from '../store/tables.ts';
import { insertUsers, lockUserCounters, setUserCounters, type UserRecord } from '../store/users.ts';
import { firstNames, lastNames } from './names.ts';

/** A share of 1 in this many has left the organization. */
const INACTIVE_ONE_IN = 40;
const ID_TIME_DIGITS = 12;
const ID_RANDOM_DIGITS = 52;
const REMOTE_ID_DIGITS = 7;
/** Ids begin with a time, as those of real users do; one millisecond for each user from here on. */
const IDS_FROM = Date.parse('2024-01-01T00:00:00Z');

/** Letters that are not a base letter with a mark, and so stay when marks are taken off. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = { ø: 'o', ł: 'l', ı: 'i', ð: 'd', đ: 'd', þ: 'th', ß: 'ss' };

/** A name as the local part of an email address has it. */
function mailName(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z]/g, (letter) => PLAIN_LETTERS[letter] ?? '');
}

const people = {
  first: firstNames.map((name) => ({ name, mailName: mailName(name) })),
  last: lastNames.map((name) => ({ name, mailName: mailName(name) })),
};

function pick<T>(list: readonly T[], hexDigits: string): T {
  return list[Number.parseInt(hexDigits, 16) % list.length] as T;
}

/** The made-up user at a position: always the same for the same seed, whoever else there is. */
function seededUser(seed: string, position: number): UserRecord {
  const digits = hash('sha256', `${seed} user ${position}`, 'hex');
  const first = pick(people.first, digits.slice(52, 56));
  const last = pick(people.last, digits.slice(56, 60));
  const number = position + 1;
  const user = {
    position,
    id: (IDS_FROM + position).toString(16).padStart(ID_TIME_DIGITS, '0') + digits.slice(0, ID_RANDOM_DIGITS),
    firstName: first.name,
    lastName: last.name,
    email: `${first.mailName}.${last.mailName}.${number}@example.com`,
    active: Number.parseInt(digits.slice(60), 16) % INACTIVE_ONE_IN !== 0,
    remoteId: `E${String(number).padStart(REMOTE_ID_DIGITS, '0')}`,
  };
  return { ...user, document: userDocument(user) };
}

/**
 * Adds made-up users until the organization has `target` of them, at most `most` now; answers how many were added. No
 * event tells of them: they are there as if they always had been.
 */
export async function addSeededUsers(
  organization: OrganizationId,
  transaction: Transaction,
  { seed, target, most }: { readonly seed: string; readonly target: number; readonly most: number },
  now: number,
): Promise<number> {
  const { total, active } = await lockUserCounters(organization, transaction);
  const count = Math.min(target - total, most);
  if (count <= 0) return 0;
  const users = Array.from({ length: count }, (_, index) => seededUser(seed, total + index));
  await insertUsers(organization, transaction, users, now);
  const addedActive = users.filter((user) => user.active).length;
  await setUserCounters(organization, transaction, { total: total + count, active: active + addedActive }, now);
  return count;
}
