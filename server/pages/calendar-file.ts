import type { FastifyInstance, FastifyReply } from 'fastify';
import { Refusal } from '../domain/refusal.ts';
import { getOrganization } from '../store/organizations.ts';
import { calendarEntry, calendarFile } from './calendar.ts';
import type { PagesContext } from './context.ts';
import { findGuest, type GuestRequest, sessionOf } from './guest.ts';

/** `/join/TOKEN/session.ics`: the session for calendars, as long as the seat is held. */
export function addCalendarFile(door: FastifyInstance, context: PagesContext): void {
  door.route({
    method: ['GET', 'HEAD'],
    url: '/:token/session.ics',
    handler: (request: GuestRequest, reply) => sendCalendarFile(context, request, reply),
  });
}

async function sendCalendarFile(
  context: PagesContext,
  request: GuestRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const guest = await findGuest(context, request);
  const { registration } = guest;
  const session = await sessionOf(guest);
  if (registration.cancelledAt !== null || !registration.user.active || session.state === 'cancelled') {
    throw new Refusal('not_found', 'There is no seat behind this link any more.');
  }
  const organization = await getOrganization(guest.organization, context.database.reader);
  const entry = calendarEntry({ organization, session, registration }, context.joinLink(registration.joinToken));
  return reply
    .header('content-disposition', 'attachment; filename="session.ics"')
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('x-robots-tag', 'noindex')
    .type('text/calendar; charset=utf-8; method=PUBLISH')
    .send(calendarFile(entry, guest.context.now()));
}
