import { sql } from 'kysely';
import type { Connection } from './database.ts';
import { wantedInteger, wantedValues } from './dialect.ts';
import { prepared, type Value } from './prepared.ts';
import type { OrganizationId } from './tables.ts';

/** What a SCIM resource of a user is made of: no more than that, since lists read hundreds of them. */
export interface ScimUserText {
  readonly position: number;
  /** The user as the Account API shows it: JSON. */
  readonly document: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** As the identity provider wrote it; null where it follows from the other keys. */
  readonly userName: string | null;
}

const COLUMNS = ['u.position', 'u.document', 'u.created_at', 'u.updated_at', 's.user_name'] as const;

/** Those whom SCIM sees, over `users as u` and `scim_users as s`. */
const isSeen = sql<boolean>`(s.deleted_at is null or u.active = 1)`;

function fromColumns([position, document, createdAt, updatedAt, userName]: readonly Value[]): ScimUserText {
  return {
    position: Number(position),
    document: document as string,
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
    userName: userName as string | null,
  };
}

const usersInRange = prepared<{ organization: OrganizationId; from: number; to: number }>((db, parameter) =>
  db
    .selectFrom('users as u')
    .leftJoin('scim_users as s', (join) =>
      join.onRef('s.organization_id', '=', 'u.organization_id').onRef('s.position', '=', 'u.position'),
    )
    .select(COLUMNS)
    .where('u.organization_id', '=', parameter('organization'))
    .where('u.position', '>=', parameter('from'))
    .where('u.position', '<', parameter('to'))
    .where(isSeen)
    .orderBy('u.position'),
);

/** The users at positions `from` (inclusive) to `to` (exclusive) whom SCIM sees. */
export async function readScimUsersInRange(
  organization: OrganizationId,
  connection: Connection,
  range: { readonly from: number; readonly to: number },
): Promise<ScimUserText[]> {
  return (await connection.rows(usersInRange, { organization, ...range })).map(fromColumns);
}

const usersAt = prepared<{ organization: OrganizationId; positions: string }>((db, parameter) =>
  db
    .selectFrom(wantedValues(db, parameter('positions')))
    .crossJoin('users as u')
    .leftJoin('scim_users as s', (join) =>
      join.onRef('s.organization_id', '=', 'u.organization_id').onRef('s.position', '=', 'u.position'),
    )
    .select(COLUMNS)
    .where('u.organization_id', '=', parameter('organization'))
    .where('u.position', '=', wantedInteger)
    .where(isSeen),
);

/** A stretch of the table with so many times the users that are wanted is read sooner than each of them by itself. */
const STRETCH_MAX = 1.5;

/** The users at these positions, in this order; without those whom SCIM has ceased to see. */
export async function readScimUsersAt(
  organization: OrganizationId,
  connection: Connection,
  positions: Int32Array,
): Promise<ScimUserText[]> {
  const from = positions.at(0) ?? 0;
  const to = (positions.at(-1) ?? -1) + 1;
  if (isAscending(positions) && to - from <= positions.length * STRETCH_MAX) {
    const users = await readScimUsersInRange(organization, connection, { from, to });
    const wanted = users.length === positions.length ? null : new Set(positions);
    return wanted ? users.filter(({ position }) => wanted.has(position)) : users;
  }
  const rows = await connection.rows(usersAt, { organization, positions: JSON.stringify([...positions]) });
  const found = new Map(rows.map((row) => [Number(row[0]), fromColumns(row)]));
  return [...positions].flatMap((position) => found.get(position) ?? []);
}

function isAscending(positions: Int32Array): boolean {
  for (let index = 1; index < positions.length; index++) {
    if ((positions[index] as number) <= (positions[index - 1] as number)) return false;
  }
  return true;
}
