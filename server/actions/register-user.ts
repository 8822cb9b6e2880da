import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { formatJoinToken, JOIN_TOKEN_RANDOM_BYTES } from '../domain/join-token.ts';
import { Refusal } from '../domain/refusal.ts';
import { seatsLeft } from '../domain/seats.ts';
import type { Transaction } from '../store/database.ts';
import { insertEvents } from '../store/events.ts';
import { insertRegistration, listLiveRegistrations, type NewRegistration } from '../store/registrations.ts';
import { getSession, type Session } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { findUsersNamed } from '../store/users.ts';
import type { ActionContext } from './context.ts';

export interface Seat {
  readonly sessionId: string;
  readonly userId: string;
}

/**
 * Gives a user a seat (event `registration.created`); one who has a seat already gets the same registration again
 * (domain: Rules). Refuses with `not_found` where there is no such session or user, with `conflict` where the user is
 * deactivated, the session is over or cancelled, or no seat is left.
 */
export function registerUser(
  { database, now }: ActionContext,
  organization: OrganizationId,
  { sessionId, userId }: Seat,
): Promise<NewRegistration> {
  return database.transaction(organization, async (transaction) => {
    const at = now();
    const session = await getSession(organization, transaction, sessionId);
    if (!session) throw new Refusal('not_found', `There is no session "${sessionId}".`);
    await requireActiveUser(organization, transaction, userId);
    const live = await listLiveRegistrations(organization, transaction, sessionId);
    const known = live.find((registration) => registration.userId === userId);
    if (known) return known;
    requireFreeSeat(session, live.length, at);
    const joinToken = formatJoinToken(organization, randomBytes(JOIN_TOKEN_RANDOM_BYTES));
    const registration: NewRegistration = { id: randomUUIDv7(), sessionId, userId, joinToken, createdAt: at };
    await insertRegistration(organization, transaction, registration);
    const data = { registrationId: registration.id, sessionId, userId };
    await insertEvents(organization, transaction, [{ type: 'registration.created', data }], at);
    return registration;
  });
}

async function requireActiveUser(
  organization: OrganizationId,
  transaction: Transaction,
  userId: string,
): Promise<void> {
  const [user] = await findUsersNamed(organization, transaction, { ids: [userId], remoteIds: [], emails: [] });
  if (!user) throw new Refusal('not_found', `There is no user "${userId}".`);
  if (!user.active) throw new Refusal('conflict', 'The user is deactivated. Activate the user first.');
}

function requireFreeSeat(session: Session, live: number, now: number): void {
  if (session.state === 'cancelled') throw new Refusal('conflict', 'The session is cancelled. Choose another.');
  if (session.state === 'ended' || now >= session.scheduledEndAt) {
    throw new Refusal('conflict', 'The session is over. Choose one to come.');
  }
  if (seatsLeft(session.capacity, live) === 0) {
    throw new Refusal('conflict', 'No seat is left in this session. Choose another.');
  }
}
