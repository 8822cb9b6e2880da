import type { Database } from '../store/database.ts';
import { asksForOne, searchScimUsers, type UserSearch } from '../store/scim-user-search.ts';
import { listScimDeleted } from '../store/scim-users.ts';
import type { ScimCall } from './context.ts';

/** Searches kept, the latest asked for longest; a million users take 4 MB. */
const KEPT_MAX = 6;

/** Where the users are that pass a search. */
export interface Found {
  readonly total: number;
  /** In their order; null: they are all users, and a page is a range of positions. */
  readonly positions: Int32Array | null;
}

const keptByDatabase = new WeakMap<Database, Map<string, Promise<Int32Array>>>();

/**
 * The positions of the users that pass a search. They are kept for as long as the organization's users do not change, so
 * that a walk over its pages gathers them once and each page costs what the first costs.
 */
export async function findPositions(call: ScimCall, search: UserSearch): Promise<Found> {
  const { organization, usersTotal } = call.account;
  const isWhole = search.filter === null && search.sortBy === null;
  if (isWhole && (await hasNoDeleted(call))) return { total: usersTotal, positions: null };
  const find = () => searchScimUsers(organization, call.database.reader, search, usersTotal);
  const positions = asksForOne(search) ? await find() : await keep(call, JSON.stringify(search), find);
  return { total: positions.length, positions };
}

async function hasNoDeleted(call: ScimCall): Promise<boolean> {
  const deleted = await keep(call, 'deleted', async () => {
    return Int32Array.from(await listScimDeleted(call.account.organization, call.database.reader));
  });
  return deleted.length === 0;
}

function keep({ account, database }: ScimCall, what: string, find: () => Promise<Int32Array>): Promise<Int32Array> {
  const kept = keptByDatabase.get(database) ?? new Map<string, Promise<Int32Array>>();
  keptByDatabase.set(database, kept);
  const key = `${account.organization} ${account.usersVersion} ${what}`;
  const positions = kept.get(key) ?? find();
  kept.delete(key);
  kept.set(key, positions);
  positions.catch(() => kept.delete(key));
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value as string);
  return positions;
}
