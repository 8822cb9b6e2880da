import { RoomEnd, RoomFeedback, RoomMove, RoomSignal, type RoomState } from '@rollcall/contract/room.ts';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { endSession } from '../actions/end-session.ts';
import { giveFeedback } from '../actions/give-feedback.ts';
import { moveGroup } from '../actions/move-group.ts';
import { signalPresence } from '../actions/signal-presence.ts';
import { cleanComment } from '../domain/feedback.ts';
import { Refusal } from '../domain/refusal.ts';
import type { PagesContext } from './context.ts';
import { EventStream } from './event-stream.ts';
import { findGuest, type Guest, type GuestRequest } from './guest.ts';
import { jsonReader } from './json-body.ts';
import type { RoomLimits } from './link-limit.ts';
import type { RoomHub } from './room-hub.ts';
import { readRoom } from './room-state.ts';

/** The longest body is feedback: 2,000 characters of up to 6 bytes each (as `\uXXXX`), and what is around them. */
const BODY_BYTES_MAX = 16_384;

const HEADERS = { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' } as const;

/** What came of a request, as the envelope's `data`. */
type Act<Body> = (guest: Guest, body: Body) => Promise<object>;

/**
 * What the room's page asks of the server, in JSON with the contract's envelope; the addresses are below the join link.
 * To be added where errors are answered in the envelope too.
 */
export function addRoomApi(
  app: FastifyInstance,
  pages: PagesContext,
  hub: RoomHub,
  { reads, writes }: RoomLimits,
): void {
  const addAct = <Body>(name: string, read: (body: unknown) => Body, act: Act<Body>) => {
    app.post(`/join/:token/${name}`, { bodyLimit: BODY_BYTES_MAX }, async (request: GuestRequest, reply) => {
      const guest = await findGuest(pages, request);
      writes.admit(guest.registration.id, guest.context.now());
      return sendData(reply, await act(guest, read(request.body)));
    });
  };
  addAct('signal', jsonReader(RoomSignal), signal);
  addAct('move', jsonReader(RoomMove), move);
  addAct('end', jsonReader(RoomEnd), end);
  addAct('feedback', jsonReader(RoomFeedback), feedback);

  app.get('/join/:token/state', async (request: GuestRequest, reply) => {
    const guest = await findGuest(pages, request);
    reads.admit(guest.registration.id, guest.context.now());
    return sendData(reply, await stateFor(guest));
  });

  app.get('/join/:token/events', async (request: GuestRequest, reply) => {
    const { organization, registration, context } = await findGuest(pages, request);
    reads.admit(registration.id, context.now());
    const room = await hub.open(organization, registration.sessionId, registration.id);
    room.add(new EventStream(reply, HEADERS), registration.id);
    return reply;
  });
}

function sendData(reply: FastifyReply, data: object): FastifyReply {
  return reply
    .headers(HEADERS)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ success: true, data, error: null }));
}

const signal: Act<RoomSignal> = async ({ context, organization, registration }, { tab, kind }) => {
  await signalPresence(context, organization, registration.id, { tab, leaving: kind === 'leaving' });
  return { serverTime: context.now() };
};

const move: Act<RoomMove> = async ({ context, organization, registration }, { from, step }) => {
  const { id: by, sessionId } = registration;
  await moveGroup(context, organization, { sessionId, step, from, by });
  return { currentStep: step };
};

const end: Act<object> = async ({ context, organization, registration }) => {
  await endSession(context, organization, registration.id);
  return {};
};

const feedback: Act<RoomFeedback> = async ({ context, organization, registration }, { rating, comment = '' }) => {
  const given = { rating, comment: cleanComment(comment) };
  await giveFeedback(context, organization, registration.id, given);
  return given;
};

/** The whole state of an open room; refuses with `conflict` where it is closed or the guest out. */
async function stateFor({ context, organization, registration }: Guest): Promise<RoomState> {
  const at = context.now();
  const room = await readRoom(organization, context.database.reader, registration.sessionId, at);
  if (!room?.members.has(registration.id)) throw new Refusal('conflict', 'The seat in this session is gone.');
  if (room.phase !== 'lobby' && room.phase !== 'running') throw new Refusal('conflict', 'The room is closed.');
  return { serverTime: at, ...room.state };
}
