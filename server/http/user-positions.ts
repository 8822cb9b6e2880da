import type { Account } from '../store/api-keys.ts';
import type { Database } from '../store/database.ts';
import { findUserPositions, type UserFilter } from '../store/user-filter.ts';

/** Filtered lists kept, the latest asked for longest; a million users take 4 MB. */
const KEPT_MAX = 6;

const keptByDatabase = new WeakMap<Database, Map<string, Promise<Int32Array>>>();

/**
 * The positions of the users that pass a filter. They are kept for as long as the organization's users do not change,
 * so that a walk over the pages of a filter gathers them once and each page costs what the first costs.
 */
export function userPositions(account: Account, database: Database, filter: UserFilter): Promise<Int32Array> {
  const kept = keptByDatabase.get(database) ?? new Map<string, Promise<Int32Array>>();
  keptByDatabase.set(database, kept);
  const key = `${account.organization} ${account.usersVersion} ${JSON.stringify(filter)}`;
  const positions = kept.get(key) ?? findPositions(account, database, filter);
  kept.delete(key);
  kept.set(key, positions);
  positions.catch(() => kept.delete(key));
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value as string);
  return positions;
}

function findPositions(
  { organization, usersVersion }: Account,
  database: Database,
  filter: UserFilter,
): Promise<Int32Array> {
  const seen = { column: 'users_version', version: usersVersion } as const;
  return database.read(organization, seen, (connection) => findUserPositions(organization, connection, filter));
}
