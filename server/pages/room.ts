import { feedbackCommentCharactersMax } from '@rollcall/contract/room.ts';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { endSession } from '../actions/end-session.ts';
import { giveFeedback } from '../actions/give-feedback.ts';
import { moveGroup } from '../actions/move-group.ts';
import { signalPresence } from '../actions/signal-presence.ts';
import { cleanComment } from '../domain/feedback.ts';
import { Refusal } from '../domain/refusal.ts';
import { roomPhase } from '../domain/room.ts';
import { offerOf } from '../domain/sign-up.ts';
import { getCluster } from '../store/clusters.ts';
import { getFeedback } from '../store/feedback.ts';
import { getOrganization, type Organization } from '../store/organizations.ts';
import { listAgenda } from '../store/rooms.ts';
import type { SessionWithModule } from '../store/sessions.ts';
import { listShownSteps, listVisits } from '../store/visits.ts';
import type { PagesContext } from './context.ts';
import { findGuest, type Guest, type GuestRequest, sessionOf } from './guest.ts';
import { html } from './html.ts';
import type { RoomLimits } from './link-limit.ts';
import { type Notice, sendNotice } from './notice.ts';
import { pictureAddresses } from './picture.ts';
import { summaryPage, waitingPage } from './room-closed.ts';
import { personId, readRoom } from './room-state.ts';
import { roomPage } from './room-view.ts';

/** The tab of those who have no script: they are there at the moments at which they press a button. */
const FORM_TAB = 'form';

/** The page at a join link: by the moment the way in, the lobby, the room, the summary. */
export function addRoom(door: FastifyInstance, pages: PagesContext, { reads, writes }: RoomLimits): void {
  door.route({
    method: ['GET', 'HEAD'],
    url: '/:token',
    handler: async (request: GuestRequest, reply) => {
      const guest = await findGuest(pages, request);
      reads.admit(guest.registration.id, guest.context.now());
      return showPage(guest, request, reply);
    },
  });
  door.post('/:token', async (request: GuestRequest, reply) => {
    const guest = await findGuest(pages, request);
    writes.admit(guest.registration.id, guest.context.now());
    const form = new URLSearchParams(String(request.body ?? ''));
    await takeForm(guest, form);
    // Relative, so that it holds below whatever path the outside reaches us.
    const page = form.has('feedback') ? `${request.params.token}#feedback` : request.params.token;
    return reply.code(303).header('location', page).header('cache-control', 'no-store').send();
  });
}

async function showPage(guest: Guest, request: GuestRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { context, organization: id, registration } = guest;
  const organization = await getOrganization(id, context.database.reader);
  const session = await sessionOf(guest);
  const at = context.now();
  const notice = await noticeFor(guest, organization, session);
  if (notice) return sendNotice(context, request, reply, notice);
  const phase = roomPhase(session, at);
  if (phase === 'before') {
    const page = waitingPage({ organization, session }, at, `${registration.joinToken}/session.ics`);
    return context.sendPage(request, reply, { ...page, pictures: pictureAddresses(session.module) });
  }
  if (phase === 'over') return context.sendPage(request, reply, await readSummary(guest, organization, session));
  const room = await readRoom(id, context.database.reader, session.id, at);
  if (!room) throw new Error(`the session ${session.id} is gone`);
  const state = { serverTime: at, ...room.state };
  const me = personId(registration.id);
  return context.sendPage(request, reply, roomPage({ organization, session: room.session, state, me }));
}

/** Whoever has no business here any more learns why, and nothing else. */
async function noticeFor(guest: Guest, organization: Organization, session: SessionWithModule): Promise<Notice | null> {
  const { registration } = guest;
  const from = organization.name;
  const accent = organization.accentColor;
  const { name } = session.module;
  if (!registration.user.active) {
    const text = 'It no longer lets you in. If you think it should, ask whoever invited you.';
    return { status: 410, heading: 'This link is closed', text, from, accent };
  }
  if (session.state === 'cancelled') {
    const text = `“${name}” does not take place. Whoever invited you knows about other dates.`;
    return { status: 410, heading: 'This session is cancelled', text, from, accent };
  }
  if (registration.cancelledAt !== null) {
    const text = `Your seat in “${name}” was cancelled, and somebody else may have it now.`;
    const after = await waysBack(guest, organization, session);
    return { status: 410, heading: 'Your seat is cancelled', text, after, from, accent };
  }
  return null;
}

/** What somebody can do whose seat is cancelled. The form's address is relative, for servers below a path. */
async function waysBack(
  { organization: id, context }: Guest,
  { slug }: Organization,
  { clusterId }: SessionWithModule,
) {
  const cluster = await getCluster(id, context.database.reader, clusterId);
  if (!cluster || offerOf(cluster) !== 'open') return html`<p>Whoever invited you knows about other dates.</p>`;
  return html`<p><a class="button" href="../embed/${slug}/${clusterId}">Sign up again</a></p>`;
}

async function readSummary(guest: Guest, organization: Organization, session: SessionWithModule) {
  const { organization: id, registration, context } = guest;
  const { reader } = context.database;
  return summaryPage({
    organization,
    session,
    visits: await listVisits(id, reader, registration.id),
    shown: await listShownSteps(id, reader, session.id),
    agenda: await listAgenda(id, reader, session.module.id),
    feedback: await getFeedback(id, reader, registration.id),
  });
}

/**
 * Takes a form of the room's pages. What the room does not allow any more (the group has moved on, the room is closed)
 * changes nothing: the page that follows shows how things are.
 */
async function takeForm(guest: Guest, form: URLSearchParams): Promise<void> {
  try {
    await actOn(guest, form);
  } catch (error) {
    if (!(error instanceof Refusal) || !['conflict', 'not_found'].includes(error.code)) throw error;
  }
}

async function actOn({ context, organization, registration }: Guest, form: URLSearchParams): Promise<void> {
  const { id, sessionId } = registration;
  if (form.has('feedback')) {
    const comment = cleanComment(form.get('comment') ?? '').slice(0, feedbackCommentCharactersMax);
    return giveFeedback(context, organization, id, { rating: readRating(form.get('rating')), comment });
  }
  await signalPresence(context, organization, id, { tab: FORM_TAB, leaving: false });
  if (form.has('end')) return endSession(context, organization, id);
  const step = readStep(form.get('next') ?? form.get('back'));
  if (step !== null)
    await moveGroup(context, organization, { sessionId, step, from: readStep(form.get('from')), by: id });
}

function readStep(text: string | null): number | null {
  return text !== null && /^\d{1,4}$/.test(text) ? Number(text) : null;
}

function readRating(text: string | null): number {
  if (text !== null && /^[1-5]$/.test(text)) return Number(text);
  throw new Refusal('invalid_request', 'Choose one of the five answers.');
}
