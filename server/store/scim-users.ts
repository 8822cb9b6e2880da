import { foldUserName } from '../domain/scim/user-change.ts';
import type { Connection, Transaction } from './database.ts';
import { insertEach } from './dialect.ts';
import { prepared, type Value } from './prepared.ts';
import type { ScimUserText } from './scim-user-texts.ts';
import type { OrganizationId } from './tables.ts';
import type { UserRecord } from './users.ts';

/** A user with what SCIM says of it. */
export interface ScimUser extends UserRecord, ScimUserText {
  /** Deleted through SCIM, and inactive since: SCIM sees it no more. */
  readonly isDeleted: boolean;
}

const COLUMNS = [
  'u.position',
  'u.id',
  'u.first_name',
  'u.last_name',
  'u.email',
  'u.active',
  'u.remote_id',
  'u.document',
  'u.created_at',
  'u.updated_at',
  's.user_name',
  's.deleted_at',
] as const;

function fromColumns(row: readonly Value[]): ScimUser {
  const [position, id, firstName, lastName, email, active, remoteId, document, createdAt, updatedAt, userName, gone] =
    row;
  return {
    position: Number(position),
    id,
    firstName,
    lastName,
    email,
    active: active === 1,
    remoteId,
    document,
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
    userName,
    isDeleted: gone !== null && active !== 1,
  } as ScimUser;
}

const userById = prepared<{ organization: OrganizationId; id: string }>((db, parameter) =>
  db
    .selectFrom('users as u')
    .leftJoin('scim_users as s', (join) =>
      join.onRef('s.organization_id', '=', 'u.organization_id').onRef('s.position', '=', 'u.position'),
    )
    .select(COLUMNS)
    .where('u.organization_id', '=', parameter('organization'))
    .where('u.id', '=', parameter('id')),
);

/** The user with that id; null where there is none that SCIM sees. */
export async function findScimUser(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<ScimUser | null> {
  const row = await connection.row(userById, { organization, id });
  const user = row && fromColumns(row);
  return user && !user.isDeleted ? user : null;
}

interface Keys {
  readonly email: string | null;
  readonly remoteId: string | null;
  /** In the form in which user names are compared. */
  readonly userName: string | null;
}

const usersByKeys = prepared<{ organization: OrganizationId } & Keys>((db, parameter) => {
  const organization = parameter('organization');
  return db
    .selectFrom(
      db
        .selectFrom('users')
        .select('position')
        .where('organization_id', '=', organization)
        .where('email', '=', parameter('email'))
        .union(
          db
            .selectFrom('users')
            .select('position')
            .where('organization_id', '=', organization)
            .where('remote_id', '=', parameter('remoteId')),
        )
        .union(
          db
            .selectFrom('scim_users')
            .select('position')
            .where('organization_id', '=', organization)
            .where('user_name_folded', '=', parameter('userName')),
        )
        .as('found'),
    )
    .crossJoin('users as u')
    .leftJoin('scim_users as s', (join) =>
      join.onRef('s.organization_id', '=', 'u.organization_id').onRef('s.position', '=', 'u.position'),
    )
    .select(COLUMNS)
    .where('u.organization_id', '=', organization)
    .whereRef('u.position', '=', 'found.position');
});

/** Everyone who bears one of these keys, those included whom SCIM sees no more: at most three. */
export async function findScimUsersByKeys(
  organization: OrganizationId,
  connection: Connection,
  keys: Keys,
): Promise<ScimUser[]> {
  const rows = await connection.rows(usersByKeys, { organization, ...keys });
  return rows.map(fromColumns);
}

/** The positions of all whom SCIM sees no more, ascending. */
export async function listScimDeleted(organization: OrganizationId, connection: Connection): Promise<number[]> {
  const rows = await connection.kysely
    .selectFrom('scim_users as s')
    .innerJoin('users as u', (join) =>
      join.onRef('u.organization_id', '=', 's.organization_id').onRef('u.position', '=', 's.position'),
    )
    .select('s.position')
    .where('s.organization_id', '=', organization)
    .where('s.deleted_at', 'is not', null)
    .where('u.active', '=', 0)
    .orderBy('s.position')
    .execute();
  return rows.map(({ position }) => Number(position));
}

const putScimUser = insertEach(
  'scim_users',
  ['organization_id', 'position', 'user_name', 'user_name_folded', 'deleted_at'],
  {
    columns: ['organization_id', 'position'],
    update: ['user_name', 'user_name_folded', 'deleted_at'],
  },
);

/** Writes what SCIM says of a user; null for `deletedAt`: it sees the user. */
export async function setScimUser(
  organization: OrganizationId,
  transaction: Transaction,
  position: number,
  { userName, deletedAt }: { readonly userName: string | null; readonly deletedAt: number | null },
): Promise<void> {
  const folded = userName === null ? null : foldUserName(userName);
  await transaction.runMany(putScimUser, [
    { organization_id: organization, position, user_name: userName, user_name_folded: folded, deleted_at: deletedAt },
  ]);
}

/** Where a user stands in the organization's sequence. */
export async function findPosition(organization: OrganizationId, connection: Connection, id: string): Promise<number> {
  const row = await connection.row(userById, { organization, id });
  return Number(row?.[0]);
}
