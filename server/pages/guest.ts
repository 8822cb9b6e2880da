import type { FastifyRequest } from 'fastify';
import { withClockOf } from '../actions/clock.ts';
import { Refusal } from '../domain/refusal.ts';
import { findJoinLink, type Registration } from '../store/registrations.ts';
import { getSession, type SessionWithModule } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { PagesContext } from './context.ts';

/** Whoever came by a join link, whether or not they may still take part. */
export interface Guest {
  readonly organization: OrganizationId;
  readonly registration: Registration;
  /** Goes by the organization's clock. */
  readonly context: PagesContext;
}

/** A request below `/join/:token`. */
export type GuestRequest = FastifyRequest<{ Params: { token: string } }>;

/** Whose link it is: the link is enough to enter. Refuses with `not_found` what is nobody's. */
export async function findGuest(context: PagesContext, { params }: GuestRequest): Promise<Guest> {
  const link = await findJoinLink(params.token, context.database.reader);
  if (!link) throw new Refusal('not_found', 'This link leads nowhere. Check that you have copied all of it.');
  return { ...link, context: await withClockOf(context, link.organization) };
}

/** The session that the guest's seat is in. */
export async function sessionOf({ context, organization, registration }: Guest): Promise<SessionWithModule> {
  const session = await getSession(organization, context.database.reader, registration.sessionId);
  if (!session) throw new Error(`the session of the registration ${registration.id} is gone`);
  return session;
}
