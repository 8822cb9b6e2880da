import { organizationOfJoinToken } from '../domain/join-token.ts';
import type { Connection, Transaction } from './database.ts';
import { updateEach, wantedValues } from './dialect.ts';
import type { Stretch } from './page.ts';
import { prepared } from './prepared.ts';
import type { OrganizationId } from './tables.ts';

const upcomingOfUsers = prepared<{ organization: OrganizationId; users: string; now: number }>((db, parameter) =>
  db
    .selectFrom(wantedValues(db, parameter('users')))
    .crossJoin('registrations as r')
    .innerJoin('sessions as s', (join) =>
      join.onRef('s.organization_id', '=', 'r.organization_id').onRef('s.id', '=', 'r.session_id'),
    )
    .select('r.id')
    .where('r.organization_id', '=', parameter('organization'))
    .whereRef('r.user_id', '=', 'wanted.value')
    .where('r.cancelled_at', 'is', null)
    .where('s.scheduled_start_at', '>', parameter('now'))
    .where('s.state', '=', 'scheduled'),
);

const cancelEach = updateEach('registrations', ['organization_id', 'id'], ['cancelled_at'], {
  onlyWhereNull: 'cancelled_at',
});

/** Frees the seats that users hold in sessions that have not begun; answers the cancelled registrations' ids. */
export async function cancelUpcomingRegistrations(
  organization: OrganizationId,
  transaction: Transaction,
  userIds: readonly string[],
  now: number,
): Promise<string[]> {
  if (userIds.length === 0) return [];
  const rows = await transaction.rows(upcomingOfUsers, { organization, users: JSON.stringify(userIds), now });
  const ids = rows.map((row) => row[0] as string);
  await transaction.runMany(
    cancelEach,
    ids.map((id) => ({ organization_id: organization, id, cancelled_at: now })),
  );
  return ids;
}

/** A registration to be written. Times are epoch milliseconds. */
export interface NewRegistration {
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly joinToken: string;
  readonly createdAt: number;
}

export async function insertRegistration(
  organization: OrganizationId,
  transaction: Transaction,
  registration: NewRegistration,
): Promise<void> {
  await transaction.kysely
    .insertInto('registrations')
    .values({
      organization_id: organization,
      id: registration.id,
      session_id: registration.sessionId,
      user_id: registration.userId,
      join_token: registration.joinToken,
      created_at: registration.createdAt,
      cancelled_at: null,
    })
    .execute();
}

/** Notes when the person agreed to the form's consent line; a second time changes nothing. Epoch milliseconds. */
export async function recordConsent(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  at: number,
): Promise<void> {
  await transaction.kysely
    .updateTable('registrations')
    .set({ consented_at: at })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .where('consented_at', 'is', null)
    .execute();
}

/** The seat that a user has in a session; null where there is none that is not cancelled. */
export async function findLiveRegistration(
  organization: OrganizationId,
  connection: Connection,
  { sessionId, userId }: { readonly sessionId: string; readonly userId: string },
): Promise<Registration | null> {
  const row = await registrations(organization, connection)
    .where('r.session_id', '=', sessionId)
    .where('r.user_id', '=', userId)
    .where('r.cancelled_at', 'is', null)
    .executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** A registration with what the room and the records need to know of its user. */
export interface Registration extends NewRegistration {
  readonly cancelledAt: number | null;
  readonly user: {
    readonly firstName: string;
    readonly lastName: string;
    readonly remoteId: string | null;
    readonly active: boolean;
  };
}

const columns = [
  'r.id',
  'r.session_id',
  'r.user_id',
  'r.join_token',
  'r.created_at',
  'r.cancelled_at',
  'u.first_name',
  'u.last_name',
  'u.remote_id',
  'u.active',
] as const;

function registrations(organization: OrganizationId, connection: Connection) {
  return connection.kysely
    .selectFrom('registrations as r')
    .innerJoin('users as u', (join) =>
      join.onRef('u.organization_id', '=', 'r.organization_id').onRef('u.id', '=', 'r.user_id'),
    )
    .select(columns)
    .where('r.organization_id', '=', organization);
}

type Row = Awaited<ReturnType<ReturnType<typeof registrations>['execute']>>[number];

function fromRow(row: Row): Registration {
  return {
    id: row.id,
    sessionId: row.session_id,
    userId: row.user_id,
    joinToken: row.join_token,
    createdAt: Number(row.created_at),
    cancelledAt: row.cancelled_at === null ? null : Number(row.cancelled_at),
    user: {
      firstName: row.first_name,
      lastName: row.last_name,
      remoteId: row.remote_id,
      active: row.active === 1,
    },
  };
}

/** A registration, cancelled or not; null where the organization has none with this id. */
export async function getRegistration(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<Registration | null> {
  const row = await registrations(organization, connection).where('r.id', '=', id).executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** The registration whose join link carries this token, cancelled or not; null where there is none. */
export async function findRegistrationByJoinToken(
  organization: OrganizationId,
  connection: Connection,
  joinToken: string,
): Promise<Registration | null> {
  const row = await registrations(organization, connection).where('r.join_token', '=', joinToken).executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** Whose a join link is, and of which organization: the token is the credential. Null where nobody has such a link. */
export async function findJoinLink(
  token: string,
  connection: Connection,
): Promise<{ readonly organization: OrganizationId; readonly registration: Registration } | null> {
  const organization = organizationOfJoinToken(token) as OrganizationId | null;
  if (organization === null) return null;
  const registration = await findRegistrationByJoinToken(organization, connection, token);
  return registration && { organization, registration };
}

/** A live registration, and its completion as the contract shows it (JSON) where it is recorded already. */
export interface LiveRegistration extends Registration {
  readonly completion: string | null;
}

/** The registrations of a session that are not cancelled, in order of their making; with `id` that one alone. */
export async function listLiveRegistrations(
  organization: OrganizationId,
  connection: Connection,
  sessionId: string,
  id?: string,
): Promise<LiveRegistration[]> {
  let query = registrations(organization, connection)
    .leftJoin('completions as c', (join) =>
      join.onRef('c.organization_id', '=', 'r.organization_id').onRef('c.registration_id', '=', 'r.id'),
    )
    .select('c.document')
    .where('r.session_id', '=', sessionId)
    .where('r.cancelled_at', 'is', null);
  if (id !== undefined) query = query.where('r.id', '=', id);
  const rows = await query.orderBy('r.created_at').orderBy('r.id').execute();
  return rows.map((row) => ({ ...fromRow(row), completion: row.document }));
}

/** A registration as its managers see it. */
export interface RegistrationWithUser extends NewRegistration {
  readonly consentedAt: number | null;
  readonly cancelledAt: number | null;
  /** The user as the contract shows it (JSON). */
  readonly user: string;
}

function registrationsWithUser(organization: OrganizationId, connection: Connection) {
  return connection.kysely
    .selectFrom('registrations as r')
    .innerJoin('users as u', (join) =>
      join.onRef('u.organization_id', '=', 'r.organization_id').onRef('u.id', '=', 'r.user_id'),
    )
    .select(['r.id', 'r.session_id', 'r.user_id', 'r.join_token', 'r.created_at', 'r.consented_at', 'r.cancelled_at'])
    .select('u.document')
    .where('r.organization_id', '=', organization);
}

type UserRow = Awaited<ReturnType<ReturnType<typeof registrationsWithUser>['execute']>>[number];

function fromUserRow(row: UserRow): RegistrationWithUser {
  return {
    id: row.id,
    sessionId: row.session_id,
    userId: row.user_id,
    joinToken: row.join_token,
    createdAt: Number(row.created_at),
    consentedAt: row.consented_at === null ? null : Number(row.consented_at),
    cancelledAt: row.cancelled_at === null ? null : Number(row.cancelled_at),
    user: row.document,
  };
}

/** A registration with its user, cancelled or not; null where the organization has none with this id. */
export async function getRegistrationWithUser(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<RegistrationWithUser | null> {
  const row = await registrationsWithUser(organization, connection).where('r.id', '=', id).executeTakeFirst();
  return row ? fromUserRow(row) : null;
}

/** A stretch of a session's registrations in the order of their making: all, the cancelled ones, or the others. */
export async function pageRegistrations(
  organization: OrganizationId,
  connection: Connection,
  { sessionId, cancelled }: { readonly sessionId: string; readonly cancelled?: boolean | undefined },
  { after, limit }: Stretch,
): Promise<RegistrationWithUser[]> {
  let query = registrationsWithUser(organization, connection).where('r.session_id', '=', sessionId);
  if (cancelled !== undefined) query = query.where('r.cancelled_at', cancelled ? 'is not' : 'is', null);
  if (after) query = query.where((eb) => eb(eb.refTuple('r.created_at', 'r.id'), '>', eb.tuple(after.at, after.id)));
  const rows = await query.orderBy('r.created_at').orderBy('r.id').limit(limit).execute();
  return rows.map(fromUserRow);
}

/** Cancels one live registration. */
export async function cancelRegistration(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  now: number,
): Promise<void> {
  await transaction.runMany(cancelEach, [{ organization_id: organization, id, cancelled_at: now }]);
}

/** Cancels the live registrations of a session; answers their ids. */
export async function cancelSessionRegistrations(
  organization: OrganizationId,
  transaction: Transaction,
  sessionId: string,
  now: number,
): Promise<string[]> {
  const rows = await transaction.kysely
    .updateTable('registrations')
    .set({ cancelled_at: now })
    .where('organization_id', '=', organization)
    .where('session_id', '=', sessionId)
    .where('cancelled_at', 'is', null)
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}
