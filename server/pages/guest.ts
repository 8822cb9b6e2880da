import type { FastifyRequest } from 'fastify';
import { Refusal } from '../domain/refusal.ts';
import { findJoinLink, type Registration } from '../store/registrations.ts';
import { getSession, type SessionWithModule } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { PagesContext } from './context.ts';

/** Whoever came by a join link, whether or not they may still take part. */
export interface Guest {
  readonly organization: OrganizationId;
  readonly registration: Registration;
}

/** A request below `/join/:token`. */
export type GuestRequest = FastifyRequest<{ Params: { token: string } }>;

/** Whose link it is: the link is enough to enter. Refuses with `not_found` what is nobody's. */
export async function findGuest({ database }: PagesContext, { params }: GuestRequest): Promise<Guest> {
  const guest = await findJoinLink(params.token, database.reader);
  if (!guest) throw new Refusal('not_found', 'This link leads nowhere. Check that you have copied all of it.');
  return guest;
}

/** The session that the guest's seat is in. */
export async function sessionOf({ database }: PagesContext, guest: Guest): Promise<SessionWithModule> {
  const session = await getSession(guest.organization, database.reader, guest.registration.sessionId);
  if (!session) throw new Error(`the session of the registration ${guest.registration.id} is gone`);
  return session;
}
