import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from './database.ts';
import { wantedInteger, wantedValues, withIndex } from './dialect.ts';
import { prepared } from './prepared.ts';
import type { OrganizationId, UsersTable } from './tables.ts';

/** Which users to list; all conditions hold at once. */
export interface UserFilter {
  readonly active?: boolean;
  readonly email?: string;
  readonly remoteId?: string;
  /** Epoch milliseconds; users changed at that time or later. */
  readonly updatedSince?: number;
}

/** Index entries read at once: few enough that the event loop's turns stay short. */
const CHUNK_USERS = 1_000;

/**
 * The positions of all users that pass a filter, ascending. Gathered along an index, with a turn of the event loop
 * between two short reads, so that nobody waits for it, however many they are.
 */
export async function findUserPositions(
  organization: OrganizationId,
  connection: Connection,
  filter: UserFilter,
): Promise<Int32Array> {
  if (filter.email !== undefined || filter.remoteId !== undefined) return findByKey(organization, connection, filter);
  if (filter.updatedSince !== undefined) return gatherUpdated(organization, connection, filter);
  return gatherByActivity(organization, connection, filter.active === true);
}

/** At most one user has an email or a remote id. */
async function findByKey(
  organization: OrganizationId,
  connection: Connection,
  { active, email, remoteId, updatedSince = 0 }: UserFilter,
): Promise<Int32Array> {
  let query = connection.kysely
    .selectFrom('users')
    .select('position')
    .where('organization_id', '=', organization)
    .where('updated_at', '>=', updatedSince);
  if (email !== undefined) query = query.where('email', '=', email);
  if (remoteId !== undefined) query = query.where('remote_id', '=', remoteId);
  if (active !== undefined) query = query.where('active', '=', active ? 1 : 0);
  const rows = await query.execute();
  return Int32Array.from(rows, ({ position }) => position);
}

const updatedAfter = prepared<{ organization: OrganizationId; at: number; position: number }>((db, parameter) =>
  db
    .selectFrom(withIndex<UsersTable>(db, 'users', 'users_updated_at_position'))
    .select(['updated_at', 'position', 'active'])
    .where('organization_id', '=', parameter('organization'))
    .where(({ refTuple, tuple, eb }) =>
      eb(refTuple('updated_at', 'position'), '>', tuple(parameter('at'), parameter('position'))),
    )
    .orderBy('updated_at')
    .orderBy('position')
    .limit(CHUNK_USERS),
);

async function gatherUpdated(
  organization: OrganizationId,
  connection: Connection,
  { active, updatedSince = 0 }: UserFilter,
): Promise<Int32Array> {
  // A user that changes meanwhile is met twice along this index, and counts once.
  const found = new Set<number>();
  for (let at = updatedSince, position = -1; ; await nextTurn()) {
    const rows = (await connection.rows(updatedAfter, { organization, at, position })) as [number, number, number][];
    for (const row of rows) if (active === undefined || row[2] === Number(active)) found.add(row[1]);
    const last = rows.at(-1);
    if (!last || rows.length < CHUNK_USERS) return Int32Array.from(found).sort();
    [at, position] = last;
  }
}

const activeAfter = prepared<{ organization: OrganizationId; active: 0 | 1; position: number }>((db, parameter) =>
  db
    .selectFrom(withIndex<UsersTable>(db, 'users', 'users_active_position'))
    .select('position')
    .where('organization_id', '=', parameter('organization'))
    .where('active', '=', parameter('active'))
    .where('position', '>', parameter('position'))
    .orderBy('position')
    .limit(CHUNK_USERS),
);

async function gatherByActivity(
  organization: OrganizationId,
  connection: Connection,
  isActive: boolean,
): Promise<Int32Array> {
  const found: number[] = [];
  for (let position = -1; ; await nextTurn()) {
    const rows = await connection.rows(activeAfter, { organization, active: isActive ? 1 : 0, position });
    for (const row of rows) found.push(row[0] as number);
    if (rows.length < CHUNK_USERS) return Int32Array.from(found);
    position = found.at(-1) as number;
  }
}

const documentsAt = prepared<{ organization: OrganizationId; positions: string }>((db, parameter) =>
  db
    .selectFrom(wantedValues(db, parameter('positions')))
    .crossJoin('users as u')
    .select('u.document')
    .where('u.organization_id', '=', parameter('organization'))
    .where('u.position', '=', wantedInteger)
    .orderBy('u.position'),
);

/** The documents of the users at the given positions, in order of creation. */
export async function readUserDocuments(
  organization: OrganizationId,
  connection: Connection,
  positions: Int32Array,
): Promise<string[]> {
  const rows = await connection.rows(documentsAt, { organization, positions: JSON.stringify([...positions]) });
  return rows.map((row) => row[0] as string);
}
