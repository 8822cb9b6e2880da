import { get } from 'node:http';
import type { RoomGone, RoomPeople, RoomState } from '@rollcall/contract/room.ts';
import { afterAll, expect, test } from 'vitest';
import { deactivateUsers as deactivate } from '../actions/batch-users.ts';
import { cancelRegistration } from '../actions/cancel-registration.ts';
import { cancelSession } from '../actions/cancel-session.ts';
import { changeSession } from '../actions/change-session.ts';
import { registerUser } from '../actions/register-user.ts';
import { connectEvents, type EventConnection } from './support/events.ts';
import { contextOf } from './support/learning.ts';
import { here, makeRoom, type RoomOptions, type TestGuest, type TestRoom } from './support/room.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers, deactivateUsers, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** Everyone sees a move within a second (domain: Rules). */
const MOVE_MS_MAX = 1_000;

type Three = [TestGuest, TestGuest, TestGuest];

function connect({ link }: TestGuest): Promise<EventConnection> {
  return connectEvents(`${server.address}${link}/events`);
}

/** A room whose session has begun, and the connections of its guests, each of whom has read the state. */
async function watchedRoom(options: RoomOptions = {}) {
  const room = await makeRoom(server, { minute: 1, ...options });
  for (const guest of room.guests) await here(guest);
  const connections: EventConnection[] = [];
  for (const guest of room.guests) {
    const connection = await connect(guest);
    await connection.next('state');
    connections.push(connection);
  }
  return { room, guests: room.guests as unknown as Three, connections };
}

const names = ({ people }: RoomPeople) => people.filter(({ isHere }) => isHere).map(({ name }) => name);

test('a page that connects is told the whole state', async () => {
  const room = await makeRoom(server, { minute: 1 });
  const [ada, grace] = room.guests as unknown as Three;
  await here(ada);
  await grace.post('move', { from: 0, step: 1 });
  using connection = await connect(ada);
  expect(connection.status).toBe(200);
  expect(connection.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-accel-buffering': 'no',
    'x-request-id': expect.any(String),
  });
  const state = await connection.next<RoomState>('state');
  expect(state).toEqual({
    serverTime: server.clock.now(),
    phase: 'running',
    startsAt: room.session.scheduledStartAt,
    endsAt: room.session.scheduledEndAt,
    closesAt: room.session.scheduledEndAt + 30 * 60_000,
    meetingLink: 'https://meet.example/abc',
    agenda: [
      { title: 'Arrive', minutes: 5 },
      { title: 'Look back', minutes: 10 },
      { title: 'Decide', minutes: 10 },
    ],
    currentStep: 1,
    step: { title: 'Look back', html: '<p>Think of a meeting.</p>\n', minutes: 10, shownAt: server.clock.now() },
    people: [
      { id: expect.any(String), name: 'Ada L.', initials: 'AL', isHere: true },
      { id: expect.any(String), name: 'Grace H.', initials: 'GH', isHere: false },
      { id: expect.any(String), name: 'Alan T.', initials: 'AT', isHere: false },
    ],
  });
  expect(connection.events[0]?.id).toMatch(/^\d+$/);
  expect((await ada.get('state')).json()).toEqual({ success: true, data: state, error: null });
});

test('everyone sees a move within a second, and who made it', async () => {
  const { guests, connections } = await watchedRoom();
  const [, grace] = guests;
  await grace.post('move', { from: 0, step: 1 });
  const states = await Promise.all(connections.map((connection) => connection.next<RoomState>('state', MOVE_MS_MAX)));
  for (const state of states) {
    expect(state).toMatchObject({ currentStep: 1, step: { title: 'Look back' } });
    expect(state.people.find(({ id }) => id === state.movedBy)?.name).toBe('Grace H.');
  }
});

test('a group that waits in the lobby sees the first step as soon as one of it is there at the start', async () => {
  const { room, guests, connections } = await watchedRoom({ minute: -1 });
  room.moveTo(0);
  await here(guests[2]);
  for (const connection of connections) {
    expect(await connection.next<RoomState>('state', MOVE_MS_MAX)).toMatchObject({ phase: 'running', currentStep: 0 });
  }
});

test('a module without steps begins by the clock', async () => {
  const { room, connections } = await watchedRoom({ minute: -1, steps: [] });
  room.moveTo(0);
  expect(await connections[0]?.next<RoomState>('state')).toMatchObject({ phase: 'running', step: null, agenda: [] });
});

test('everyone sees who comes, who leaves, and who has fallen silent', async () => {
  const room = await makeRoom(server, { minute: 1 });
  const [ada, grace, alan] = room.guests as unknown as Three;
  await here(ada);
  using connection = await connect(ada);
  expect(names(await connection.next<RoomState>('state'))).toEqual(['Ada L.']);
  await here(grace);
  expect(names(await connection.next<RoomPeople>('people'))).toEqual(['Ada L.', 'Grace H.']);
  await grace.post('signal', { tab: 'tab1', kind: 'leaving' });
  expect(names(await connection.next<RoomPeople>('people'))).toEqual(['Ada L.']);
  await here(alan);
  await connection.next('people');
  server.clock.advance(44_000);
  await here(ada);
  server.clock.advance(2_000);
  expect(names(await connection.next<RoomPeople>('people', 8_000))).toEqual(['Ada L.']);
});

test('a group that arrives together is told once', async () => {
  const room = await makeRoom(server, { minute: 1 });
  const [ada, grace, alan] = room.guests as unknown as Three;
  await here(ada);
  using connection = await connect(ada);
  await connection.next('state');
  await Promise.all([here(grace), here(alan)]);
  // In whatever order: people who signed up within one millisecond stand in any.
  const together = names(await connection.next<RoomPeople>('people'));
  expect(together.toSorted()).toEqual(['Ada L.', 'Alan T.', 'Grace H.']);
});

test('whoever signs up during the session is seen, and so is a changed name', async () => {
  const { room, connections } = await watchedRoom({ minute: -1, capacity: 4 });
  const [{ id: userId } = { id: '' }] = await createUsers(room.organization, 1, 9);
  await registerUser(contextOf(server), room.organization.id, { sessionId: room.session.id, userId });
  expect((await connections[0]?.next<RoomPeople>('people'))?.people).toHaveLength(4);
  await upsertUsers(room.organization, { remoteId: 'E9', firstName: 'Katherine', lastName: 'Johnson' });
  expect((await connections[0]?.next<RoomPeople>('people'))?.people.at(-1)?.name).toBe('Katherine J.');
});

test('a user who is deactivated by a batch in mid-session is out at once, and the others stay', async () => {
  const { room, guests, connections } = await watchedRoom();
  const [out, stays] = connections as [EventConnection, EventConnection];
  await deactivateUsers(room.organization, { id: guests[0].userId });
  expect(await out.next<RoomGone>('gone', MOVE_MS_MAX)).toEqual({ reason: 'out' });
  await out.ended(MOVE_MS_MAX);
  const { people } = await stays.next<RoomPeople>('people');
  expect(people.map(({ name }) => name)).toEqual(['Grace H.', 'Alan T.']);
  expect((await guests[0].get('events')).status).toBe(409);
});

test('a user who is deactivated by another process is out within five seconds', async () => {
  const { room, guests, connections } = await watchedRoom();
  await using database = await server.openDatabase();
  const options = { dryRun: false, idempotency: null };
  await deactivate({ database, now: server.clock.now }, room.organization.id, [{ id: guests[0].userId }], options);
  expect(await connections[0]?.next<RoomGone>('gone', 5_000)).toEqual({ reason: 'out' });
});

test('a participant whose seat is cancelled is out at once', async () => {
  const { room, guests, connections } = await watchedRoom();
  await cancelRegistration(contextOf(server), room.organization.id, guests[1].registration.id);
  expect(await connections[1]?.next<RoomGone>('gone', MOVE_MS_MAX)).toEqual({ reason: 'out' });
  expect((await connections[0]?.next<RoomPeople>('people'))?.people).toHaveLength(2);
});

test('everyone is out at once when the session is cancelled', async () => {
  const { room, connections } = await watchedRoom({ minute: -1 });
  await cancelSession(contextOf(server), room.organization.id, room.session.id);
  for (const connection of connections) {
    expect(await connection.next<RoomGone>('gone', MOVE_MS_MAX)).toEqual({ reason: 'closed' });
  }
});

test('a meeting link that is given during the session reaches everyone', async () => {
  const { room, connections } = await watchedRoom();
  const settings = { meetingLink: 'https://meet.example/other' };
  await changeSession(contextOf(server), room.organization.id, room.session.id, settings);
  for (const connection of connections) expect(await connection.next<RoomState>('state')).toMatchObject(settings);
});

test('when the session is ended, all are told and no page stays connected', async () => {
  const { guests, connections } = await watchedRoom();
  await guests[1].post('end', {});
  for (const connection of connections) {
    expect(await connection.next<RoomGone>('gone', MOVE_MS_MAX)).toEqual({ reason: 'closed' });
    await connection.ended(MOVE_MS_MAX);
  }
});

test('when the room closes by the clock, no page stays connected', async () => {
  const { room, connections } = await watchedRoom({ minute: 89 });
  room.moveTo(90);
  for (const connection of connections) {
    expect(await connection.next<RoomGone>('gone')).toEqual({ reason: 'closed' });
    await connection.ended();
  }
});

test('a room that is not open yet tells nothing', async () => {
  const room = await makeRoom(server, { minute: -11 });
  const [ada] = room.guests as unknown as Three;
  expect((await ada.get('events')).status).toBe(409);
  expect((await ada.get('state')).status).toBe(409);
});

test('a fifth page of one participant takes the place of the first', async () => {
  const room = await makeRoom(server, { minute: 1 });
  const [ada] = room.guests as unknown as Three;
  const connections: EventConnection[] = [];
  for (let count = 0; count < 5; count++) {
    connections.push(await connect(ada));
    await connections[count]?.next('state');
  }
  expect(await connections[0]?.next<RoomGone>('gone')).toEqual({ reason: 'too_many_pages' });
  await ada.post('move', { from: null, step: 0 });
  for (const connection of connections.slice(1)) {
    expect(await connection.next<RoomState>('state')).toMatchObject({ currentStep: 0 });
  }
});

test('rooms of other sessions and organizations hear nothing of it', async () => {
  const [one, other] = [await watchedRoom(), await watchedRoom()];
  await one.guests[0].post('move', { from: 0, step: 1 });
  await one.connections[0]?.next('state');
  await other.guests[0].post('move', { from: 0, step: 2 });
  expect(await other.connections[0]?.next<RoomState>('state')).toMatchObject({ currentStep: 2 });
  expect(one.connections[0]?.events.filter(({ name }) => name === 'state')).toHaveLength(2);
});

test('pages that hang up, also before they are answered, are forgotten', async () => {
  await using quiet = await startTestServer();
  const room = await makeRoom(quiet, { minute: 1 });
  const url = `${quiet.address}${room.guests[0]?.link}/events`;
  const pages = async () => /rollcall_room_pages (\d+)/.exec((await quiet.request('/metrics')).text)?.[1];
  using staying = await connectEvents(url);
  await staying.next('state');
  for (let count = 0; count < 20; count++) {
    const request = get(url, { agent: false }).on('error', () => {});
    setTimeout(() => request.destroy(), count);
    await new Promise((resolve) => request.once('close', resolve));
  }
  await expect.poll(pages, { timeout: 10_000 }).toBe('1');
});

test('a server that stops lets go of the pages at once', async () => {
  const stopping = await startTestServer();
  const room: TestRoom = await makeRoom(stopping, { minute: 1 });
  const connection = await connectEvents(`${stopping.address}${room.guests[0]?.link}/events`);
  await connection.next('state');
  const started = performance.now();
  await stopping[Symbol.asyncDispose]();
  await connection.ended();
  expect(performance.now() - started).toBeLessThan(5_000);
});
