import { afterAll, expect, test } from 'vitest';
import { listShownSteps } from '../store/visits.ts';
import { readCompletions } from './support/learning.ts';
import type { Reply } from './support/request.ts';
import { eventData, here, makeRoom, type TestGuest, type TestRoom } from './support/room.ts';
import { startTestServer } from './support/test-server.ts';
import { deactivateUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** A room whose session has begun, with everybody there. */
async function begunRoom(options: Parameters<typeof makeRoom>[1] = {}): Promise<TestRoom> {
  const room = await makeRoom(server, { minute: 0, ...options });
  for (const guest of room.guests) await here(guest);
  server.clock.advance(1_000);
  return room;
}

function pair({ guests }: TestRoom): [TestGuest, TestGuest] {
  const [one, other] = guests;
  if (!one || !other) throw new Error('the room has fewer than two guests');
  return [one, other];
}

async function stepsShown({ organization, session }: TestRoom): Promise<number[]> {
  return (await listShownSteps(organization.id, server.database.reader, session.id)).map(({ step }) => step);
}

const codeOf = (reply: Reply) => reply.json<{ error: { metadata: { code: string } } }>().error.metadata.code;

test('anyone can show the group the next step, and go back', async () => {
  const room = await begunRoom();
  const [one, other] = pair(room);
  expect((await one.post('move', { from: 0, step: 1 })).json()).toEqual({
    success: true,
    data: { currentStep: 1 },
    error: null,
  });
  expect((await other.post('move', { from: 1, step: 2 })).status).toBe(200);
  expect((await one.post('move', { from: 2, step: 1 })).status).toBe(200);
  expect(await stepsShown(room)).toEqual([0, 1, 2, 1]);
});

test('two who press next at once move the group on by one step', async () => {
  const room = await begunRoom();
  const replies = await Promise.all(room.guests.map((guest) => guest.post('move', { from: 0, step: 1 })));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await stepsShown(room)).toEqual([0, 1]);
});

test('a move from a step that the group has left is refused and says where it is', async () => {
  const room = await begunRoom();
  const [one, other] = pair(room);
  await one.post('move', { from: 0, step: 1 });
  const reply = await other.post('move', { from: 0, step: 2 });
  expect(reply.status).toBe(409);
  expect(reply.json()).toMatchObject({ error: { metadata: { code: 'conflict', currentStep: 1 } } });
  expect(await stepsShown(room)).toEqual([0, 1]);
});

test('a move that is sent again changes nothing more', async () => {
  const room = await begunRoom();
  const [guest] = pair(room);
  for (let count = 0; count < 3; count++) {
    expect((await guest.post('move', { from: 0, step: 1 })).status).toBe(200);
  }
  expect(await stepsShown(room)).toEqual([0, 1]);
  expect(await eventData(server, room, 'session.step_shown')).toHaveLength(2);
});

test('the event of a move says who moved the group', async () => {
  const room = await begunRoom();
  const [guest] = pair(room);
  await guest.post('move', { from: 0, step: 1 });
  const { id: sessionId } = room.session;
  expect(await eventData(server, room, 'session.step_shown')).toEqual([
    { sessionId, step: 0 },
    { sessionId, step: 1, registrationId: guest.registration.id },
  ]);
});

test.each([
  ['the step after the last', { from: 0, step: 3 }, 404],
  ['a step before the first', { from: 0, step: -1 }, 400],
  ['half a step', { from: 0, step: 0.5 }, 400],
  ['a step by its name', { from: 0, step: '1' }, 400],
  ['no step that it comes from', { step: 1 }, 400],
  ['a member that there is not', { from: 0, step: 1, at: 0 }, 400],
])('a move with %s is refused', async (_what, body, status) => {
  const room = await begunRoom();
  const [guest] = pair(room);
  expect((await guest.post('move', body)).status).toBe(status);
  expect(await stepsShown(room)).toEqual([0]);
});

test('a group that is complete can begin before the scheduled start', async () => {
  const room = await makeRoom(server, { minute: -4 });
  const [guest] = pair(room);
  for (const one of room.guests) await here(one);
  expect((await guest.post('move', { from: null, step: 0 })).status).toBe(200);
  expect((await guest.get('state')).json()).toMatchObject({ data: { phase: 'running', currentStep: 0 } });
});

test.each([
  ['who is alone', [0]],
  ['while one of the group is missing', [0, 1]],
])('somebody %s cannot begin before the scheduled start, but at it', async (_who, there) => {
  const room = await makeRoom(server, { minute: -10 });
  const [guest] = pair(room);
  for (const index of there) await here(room.guests[index] as TestGuest);
  const early = await guest.post('move', { from: null, step: 0 });
  expect([early.status, codeOf(early)]).toEqual([409, 'conflict']);
  const start = `${new Date(room.session.scheduledStartAt).toISOString().slice(0, 19)}Z`;
  expect(early.text).toContain(`The session begins at ${start}, or earlier once all who have a seat are here.`);
  expect(await stepsShown(room)).toEqual([]);
  room.moveTo(0);
  expect((await guest.post('move', { from: null, step: 0 })).status).toBe(200);
});

test('a group does not wait for those who are out', async () => {
  const room = await makeRoom(server, { minute: -60 });
  const [one, other] = pair(room);
  await deactivateUsers(room.organization, { id: room.guests[2]?.userId ?? '' });
  room.moveTo(-4);
  for (const guest of [one, other]) await here(guest);
  expect((await one.post('move', { from: null, step: 0 })).status).toBe(200);
});

test('somebody who came and left again is waited for before the start', async () => {
  const room = await makeRoom(server, { minute: -4 });
  const [one, other] = pair(room);
  for (const guest of room.guests) await here(guest);
  server.clock.advance(1_000);
  await other.post('signal', { tab: 'tab1', kind: 'leaving' });
  expect((await one.post('move', { from: null, step: 0 })).status).toBe(409);
});

test('a group that began early goes on as it likes, but ends only from the scheduled start on', async () => {
  const room = await makeRoom(server, { minute: -4 });
  const [one, other] = pair(room);
  for (const guest of room.guests) await here(guest);
  await one.post('move', { from: null, step: 0 });
  await other.post('signal', { tab: 'tab1', kind: 'leaving' });
  expect((await one.post('move', { from: 0, step: 1 })).status).toBe(200);
  const early = await one.post('end', {});
  expect([early.status, codeOf(early)]).toEqual([409, 'conflict']);
  const start = `${new Date(room.session.scheduledStartAt).toISOString().slice(0, 19)}Z`;
  expect(early.text).toContain(`The session can be ended from its scheduled start on: ${start}.`);
  expect(await eventData(server, room, 'completion.recorded')).toEqual([]);
  room.moveTo(0);
  await here(one);
  expect((await one.post('end', {})).status).toBe(200);
});

test('somebody who is not in the room cannot end the session of those who are', async () => {
  const room = await makeRoom(server, { minute: 1 });
  const [one, other] = pair(room);
  await here(one);
  const never = await other.post('end', {});
  await here(other);
  server.clock.advance(1_000);
  await other.post('signal', { tab: 'tab1', kind: 'leaving' });
  const left = await other.post('end', {});
  expect([never, left].map((reply) => [reply.status, codeOf(reply)])).toEqual([
    [409, 'conflict'],
    [409, 'conflict'],
  ]);
  expect((await one.get('state')).status).toBe(200);
});

test('nobody moves the group of a closed room', async () => {
  const room = await makeRoom(server, { minute: -11 });
  const [guest] = pair(room);
  const early = await guest.post('move', { from: null, step: 0 });
  room.moveTo(90);
  const late = await guest.post('move', { from: null, step: 0 });
  expect([early.status, codeOf(early), late.status, codeOf(late)]).toEqual([409, 'conflict', 409, 'conflict']);
  expect(await stepsShown(room)).toEqual([]);
});

test('anyone can end the session for all: the room closes and the completions are there at once', async () => {
  const room = await begunRoom();
  const [one, other] = pair(room);
  room.moveTo(0.5);
  await here(one);
  expect((await one.post('end', {})).status).toBe(200);
  const completions = await readCompletions(room.organization);
  expect(completions.map(({ attended }) => attended)).toEqual([true, true, true]);
  for (const [name, body] of [
    ['signal', { tab: 'tab1', kind: 'here' }],
    ['move', { from: 0, step: 1 }],
  ] as const) {
    expect((await other.post(name, body)).status).toBe(409);
  }
  expect((await other.get('state')).status).toBe(409);
});

test('ending twice, or both at once, ends the session once', async () => {
  const room = await begunRoom();
  const [one, other] = pair(room);
  const replies = await Promise.all([one.post('end', {}), other.post('end', {})]);
  expect([...replies, await one.post('end', {})].map(({ status }) => status)).toEqual([200, 200, 200]);
  for (const type of ['session.closed', 'session.ended', 'completion.recorded']) {
    expect(await eventData(server, room, type)).toHaveLength(1);
  }
});

test('a group that has run over its time ends with the time that it took', async () => {
  const room = await begunRoom();
  const [guest] = pair(room);
  for (const minute of [59, 59.5, 60, 60.5, 61]) {
    room.moveTo(minute);
    await here(guest);
  }
  expect((await guest.post('end', {})).status).toBe(200);
  const [completion] = (await readCompletions(room.organization)).filter(({ remoteUserId }) => remoteUserId === 'E0');
  expect(completion).toMatchObject({ attended: true, timeInSessionMins: 2 });
});

test('a session that has not begun cannot be ended', async () => {
  const room = await makeRoom(server, { minute: -5 });
  const [guest] = pair(room);
  await here(guest);
  expect((await guest.post('end', {})).status).toBe(409);
  expect((await guest.get('state')).status).toBe(200);
});

test('feedback is taken once the session is over, and can be changed', async () => {
  const room = await begunRoom();
  const [one, other] = pair(room);
  expect((await one.post('feedback', { rating: 4 })).status).toBe(409);
  await other.post('end', {});
  expect((await one.post('feedback', { rating: 4, comment: ' More time\r\nfor step 2\u0000 ' })).json()).toMatchObject({
    data: { rating: 4, comment: 'More time\nfor step 2' },
  });
  await one.post('feedback', { rating: 5 });
  await one.post('feedback', { rating: 5 });
  const { kysely } = server.database.reader;
  const rows = kysely.selectFrom('feedback').select(['registration_id', 'rating', 'comment']);
  expect(await rows.where('organization_id', '=', room.organization.id).execute()).toEqual([
    { registration_id: one.registration.id, rating: 5, comment: '' },
  ]);
  expect(await eventData(server, room, 'feedback.given')).toHaveLength(2);
});

test.each([0, 6, 2.5, '5', null])('feedback of %j is refused', async (rating) => {
  const room = await begunRoom();
  const [one] = pair(room);
  await one.post('end', {});
  expect((await one.post('feedback', { rating })).status).toBe(400);
});

test('somebody who was not there has nothing to say of the session', async () => {
  const room = await makeRoom(server, { minute: 0 });
  const [one, other] = pair(room);
  await here(one);
  await one.post('end', {});
  expect((await other.post('feedback', { rating: 1 })).status).toBe(409);
});
