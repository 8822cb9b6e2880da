import type { Transaction } from './database.ts';
import { jsonValues } from './dialect.ts';
import { prepared } from './prepared.ts';
import type { OrganizationId } from './tables.ts';

const cancelUpcoming = prepared<{ organization: OrganizationId; users: string; now: number }>((db, parameter) =>
  db
    .updateTable('registrations')
    .set({ cancelled_at: parameter('now') })
    .where('organization_id', '=', parameter('organization'))
    .where('user_id', 'in', jsonValues(parameter('users')))
    .where('cancelled_at', 'is', null)
    .where('session_id', 'in', (upcoming) =>
      upcoming
        .selectFrom('sessions')
        .select('sessions.id')
        .where('sessions.organization_id', '=', parameter('organization'))
        .where('sessions.scheduled_start_at', '>', parameter('now'))
        .where('sessions.state', '=', 'scheduled'),
    )
    .returning('id'),
);

/** Frees the seats that users hold in sessions that have not begun; answers the cancelled registrations' ids. */
export async function cancelUpcomingRegistrations(
  organization: OrganizationId,
  transaction: Transaction,
  userIds: readonly string[],
  now: number,
): Promise<string[]> {
  if (userIds.length === 0) return [];
  const rows = await transaction.rows(cancelUpcoming, { organization, users: JSON.stringify(userIds), now });
  return rows.map((row) => row[0] as string);
}

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
