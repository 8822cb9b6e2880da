import type { Connection, Transaction } from './database.ts';
import {
  insertEach,
  joinedBytes,
  joinedValue,
  updateEach,
  wantedInteger,
  wantedTexts,
  wantedValues,
} from './dialect.ts';
import { nextVersion } from './organizations.ts';
import { prepared, type Value } from './prepared.ts';
import type { OrganizationId } from './tables.ts';

/** A user to be written; `document` is its contract form. */
export interface UserRecord {
  readonly position: number;
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly active: boolean;
  readonly remoteId: string | null;
  readonly document: string;
}

/** A user as stored, with the JSON document that the contract shows of it, and how it stands to rosters. */
export interface StoredUser extends UserRecord {
  /** Whether a batch upsert or a sync run ever brought the user in. */
  readonly synced: boolean;
  /** Whether a sync run deactivated the user, and nothing was done to it since. */
  readonly lapsed: boolean;
  /** Fields that were edited by hand, which sync runs leave alone. */
  readonly stickyFields: readonly string[];
}

const pageBytes = prepared<{ organization: OrganizationId; from: number; to: number; head: string; tail: string }>(
  (db, parameter) =>
    db
      .selectFrom((page) =>
        page
          .selectFrom('users')
          .select('document')
          .where('organization_id', '=', parameter('organization'))
          .where('position', '>=', parameter('from'))
          .where('position', '<', parameter('to'))
          .orderBy('position')
          .as('page'),
      )
      .select(({ ref }) => joinedBytes(db, ref('page.document'), parameter('head'), parameter('tail')).as('bytes')),
);

/**
 * The users at positions `from` (inclusive) to `to` (exclusive) as JSON documents joined by commas, between `head` and
 * `tail`: UTF-8 bytes that go out as they are. Costs the same wherever the page lies.
 */
export async function readUsersPage(
  organization: OrganizationId,
  connection: Connection,
  page: { from: number; to: number; head: string; tail: string },
): Promise<Uint8Array> {
  const row = await connection.row(pageBytes, { organization, ...page });
  return joinedValue(row?.[0]);
}

const columns = ['position', 'id', 'first_name', 'last_name', 'email', 'active', 'remote_id', 'document'] as const;
const rosterColumns = ['synced', 'lapsed_at', 'updated_at', 'sticky_fields'] as const;
const storedColumns = [...columns, ...rosterColumns].map((column) => `u.${column}` as const);

function usersBy(column: 'id' | 'remote_id' | 'email') {
  return prepared<{ organization: OrganizationId; values: string }>((db, parameter) =>
    db
      .selectFrom(wantedValues(db, parameter('values')))
      .crossJoin('users as u')
      .select(storedColumns)
      .where('u.organization_id', '=', parameter('organization'))
      .whereRef(`u.${column}`, '=', 'wanted.value'),
  );
}

const usersById = usersBy('id');
const usersByRemoteId = usersBy('remote_id');
const usersByEmail = usersBy('email');

const usersByPosition = prepared<{ organization: OrganizationId; values: string }>((db, parameter) =>
  db
    .selectFrom(wantedValues(db, parameter('values')))
    .crossJoin('users as u')
    .select(storedColumns)
    .where('u.organization_id', '=', parameter('organization'))
    .where('u.position', '=', wantedInteger),
);

function fromColumns(row: Value[]): StoredUser {
  const [position, id, firstName, lastName, email, active, remoteId, document, synced, lapsedAt, updatedAt, sticky] =
    row;
  const lapsed = lapsedAt !== null && lapsedAt === updatedAt;
  const stickyFields = sticky === null ? [] : JSON.parse(sticky as string);
  const user = { position, id, firstName, lastName, email, active: active === 1, remoteId, document };
  return { ...user, synced: synced === 1, lapsed, stickyFields } as StoredUser;
}

/** The users at these positions. */
export async function findUsersAt(
  organization: OrganizationId,
  connection: Connection,
  positions: readonly number[],
): Promise<StoredUser[]> {
  const rows = await connection.rows(usersByPosition, { organization, values: JSON.stringify(positions) });
  return rows.map(fromColumns);
}

/** Every user that bears any of the given ids, remote ids or (normalized) emails: at most three statements. */
export async function findUsersNamed(
  organization: OrganizationId,
  connection: Connection,
  keys: { ids: readonly string[]; remoteIds: readonly string[]; emails: readonly string[] },
): Promise<StoredUser[]> {
  const found = new Map<number, StoredUser>();
  const collect = async (query: typeof usersById, values: readonly string[]) => {
    if (values.length === 0) return;
    for (const row of await connection.rows(query, { organization, values: wantedTexts(values) })) {
      found.set(row[0] as number, fromColumns(row));
    }
  };
  await collect(usersByRemoteId, keys.remoteIds);
  await collect(usersById, keys.ids);
  const emailsFound = new Set<string | null>();
  for (const user of found.values()) emailsFound.add(user.email);
  await collect(
    usersByEmail,
    keys.emails.filter((email) => !emailsFound.has(email)),
  );
  return [...found.values()];
}

const insertUser = insertEach('users', [
  'organization_id',
  'position',
  'id',
  'first_name',
  'last_name',
  'email',
  'active',
  'remote_id',
  'document',
  'created_at',
  'updated_at',
  'synced',
]);

/** Indexed columns that did not change are left out of the statement: naming them would rewrite their indexes. */
const renameUser = updateEach(
  'users',
  ['organization_id', 'position'],
  ['first_name', 'last_name', 'document', 'updated_at'],
);

const updateUser = updateEach(
  'users',
  ['organization_id', 'position'],
  ['first_name', 'last_name', 'email', 'active', 'remote_id', 'document', 'updated_at'],
);

function toRow(organization: OrganizationId, user: UserRecord, now: number) {
  return {
    organization_id: organization,
    position: user.position,
    id: user.id,
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    active: user.active ? 1 : 0,
    remote_id: user.remoteId,
    document: user.document,
    updated_at: now,
  };
}

/** Writes new users; their positions continue the organization's sequence. `synced`: a roster brought them in. */
export async function insertUsers(
  organization: OrganizationId,
  transaction: Transaction,
  users: readonly UserRecord[],
  now: number,
  { synced = false }: { readonly synced?: boolean } = {},
): Promise<void> {
  await transaction.runMany(
    insertUser,
    users.map((user) => ({ ...toRow(organization, user, now), created_at: now, synced: synced ? 1 : 0 })),
  );
}

const setSynced = updateEach('users', ['organization_id', 'position'], ['synced']);

/** Notes that a roster brought these users in, who were there before. */
export async function markSynced(
  organization: OrganizationId,
  transaction: Transaction,
  positions: readonly number[],
): Promise<void> {
  await transaction.runMany(
    setSynced,
    positions.map((position) => ({ organization_id: organization, position, synced: 1 })),
  );
}

/** Notes of users who were just deactivated that they are to be active again once a roster has them. */
export async function markLapsed(
  organization: OrganizationId,
  transaction: Transaction,
  positions: readonly number[],
): Promise<void> {
  if (positions.length === 0) return;
  await transaction.kysely
    .updateTable('users')
    .set(({ ref }) => ({ lapsed_at: ref('updated_at') }))
    .where('organization_id', '=', organization)
    .where('position', 'in', positions)
    .execute();
}

/** Writes users of whom only names changed. */
export async function renameUsers(
  organization: OrganizationId,
  transaction: Transaction,
  users: readonly UserRecord[],
  now: number,
): Promise<void> {
  await transaction.runMany(
    renameUser,
    users.map((user) => toRow(organization, user, now)),
  );
}

/** Writes users whose emails, remote ids or activity changed. */
export async function updateUsers(
  organization: OrganizationId,
  transaction: Transaction,
  users: readonly UserRecord[],
  now: number,
): Promise<void> {
  await transaction.runMany(
    updateUser,
    users.map((user) => toRow(organization, user, now)),
  );
}

/** Frees emails and remote ids that another user takes over in the same transaction. */
export async function releaseUserKeys(
  organization: OrganizationId,
  transaction: Transaction,
  positions: readonly number[],
): Promise<void> {
  if (positions.length === 0) return;
  await transaction.kysely
    .updateTable('users')
    .set({ email: null, remote_id: null })
    .where('organization_id', '=', organization)
    .where('position', 'in', positions)
    .execute();
}

/** Where the organization's user sequence stands; read for writing, so that two batches never take the same position. */
export async function lockUserCounters(
  organization: OrganizationId,
  transaction: Transaction,
): Promise<{ total: number; active: number }> {
  const row = await transaction.kysely
    .selectFrom('organizations')
    .select(['users_total', 'users_active'])
    .where('id', '=', organization)
    .executeTakeFirstOrThrow();
  return { total: Number(row.users_total), active: Number(row.users_active) };
}

/** Notes the new counts and that the list of users has changed. */
export async function setUserCounters(
  organization: OrganizationId,
  transaction: Transaction,
  counters: { total: number; active: number },
  now: number,
): Promise<void> {
  await transaction.kysely
    .updateTable('organizations')
    .set({
      users_total: counters.total,
      users_active: counters.active,
      users_version: nextVersion('users_version', now),
    })
    .where('id', '=', organization)
    .execute();
}
