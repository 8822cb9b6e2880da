import { afterAll, expect, test } from 'vitest';
import { endDueSessions } from '../actions/record-completions.ts';
import { cancelUpcomingRegistrations } from '../store/registrations.ts';
import { listShownSteps, listVisits } from '../store/visits.ts';
import { contextOf, readCompletions } from './support/learning.ts';
import { here, makeRoom, type TestGuest, type TestRoom } from './support/room.ts';
import { startTestServer } from './support/test-server.ts';
import { deactivateUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const SECOND_MS = 1_000;

function firstOf({ guests }: TestRoom): TestGuest {
  const [guest] = guests;
  if (!guest) throw new Error('the room has no guests');
  return guest;
}

/** Keeps signalling every 15 seconds from now on, as often as said. */
async function stay(guest: TestGuest, signals: number, tab = 'tab1'): Promise<void> {
  for (let count = 0; count < signals; count++) {
    await here(guest, tab);
    server.clock.advance(15 * SECOND_MS);
  }
}

function presenceOf({ organization: { id } }: TestRoom, { registration }: TestGuest) {
  return listVisits(id, server.database.reader, registration.id);
}

test('a page that is in view is counted from its first signal to its last', async () => {
  const room = await makeRoom(server);
  const guest = firstOf(room);
  const from = server.clock.now();
  await stay(guest, 4);
  expect((await guest.post('signal', { tab: 'tab1', kind: 'leaving' })).status).toBe(200);
  expect(await presenceOf(room, guest)).toEqual([
    { tab: 'tab1', firstAt: from, lastAt: from + 60 * SECOND_MS, closed: true },
  ]);
});

test('a signal is answered with the time by the server’s clock', async () => {
  const guest = firstOf(await makeRoom(server));
  const { status, headers, text } = await here(guest);
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({ success: true, data: { serverTime: server.clock.now() }, error: null });
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  expect(headers['set-cookie']).toBeUndefined();
});

test.each([
  ['a time', { tab: 'tab1', kind: 'here', at: 1_772_616_615_250 }],
  ['a length', { tab: 'tab1', kind: 'here', presentMs: 3_600_000 }],
  ['another kind', { tab: 'tab1', kind: 'was here' }],
  ['no tab', { kind: 'here' }],
  ['a tab that is no token', { tab: 'a b', kind: 'here' }],
  ['a list of signals', [{ tab: 'tab1', kind: 'here' }]],
  ['nothing', null],
])('a signal with %s is refused and counts for nothing', async (_what, body) => {
  const room = await makeRoom(server);
  const guest = firstOf(room);
  const reply = await guest.post('signal', body);
  expect(reply.status).toBe(400);
  expect(reply.json()).toMatchObject({ success: false, error: { metadata: { code: 'invalid_request' } }, data: null });
  expect(await presenceOf(room, guest)).toEqual([]);
});

test('two tabs of one participant count once, also when one is closed', async () => {
  const room = await makeRoom(server, { minute: 0 });
  const [guest, other] = room.guests as [TestGuest, TestGuest];
  await here(other);
  for (let count = 0; count < 8; count++) {
    await here(guest, 'tab1');
    await here(guest, 'tab2');
    server.clock.advance(15 * SECOND_MS);
  }
  await guest.post('signal', { tab: 'tab2', kind: 'leaving' });
  await guest.post('signal', { tab: 'tab1', kind: 'leaving' });
  await here(other);
  await other.post('end', {});
  expect((await readCompletions(room.organization)).find(({ remoteUserId }) => remoteUserId === 'E0')).toMatchObject({
    attended: true,
    timeInSessionMins: 2,
  });
});

test('a silence of more than 45 seconds does not count, and nobody can talk it away', async () => {
  const room = await makeRoom(server, { minute: 0 });
  const guest = firstOf(room);
  await stay(guest, 5);
  server.clock.advance(60 * SECOND_MS);
  await stay(guest, 5);
  await here(guest);
  await guest.post('end', {});
  const [completion] = (await readCompletions(room.organization)).filter(({ attended }) => attended);
  // 60 seconds, then 75: not the 210 from the first signal to the last.
  expect(completion).toMatchObject({ timeInSessionMins: 2 });
});

test.each([
  ['before it opens', -10.01],
  ['after it has closed', 90],
])('a signal to a room %s is refused and counts for nothing', async (_when, minute) => {
  const room = await makeRoom(server, { minute });
  const guest = firstOf(room);
  const reply = await here(guest);
  expect(reply.status).toBe(409);
  expect(reply.json()).toMatchObject({ error: { message: 'The room is closed.', metadata: { code: 'conflict' } } });
  expect(await presenceOf(room, guest)).toEqual([]);
});

test('whoever is deactivated or has lost the seat is out at once', async () => {
  const room = await makeRoom(server);
  const [deactivated, cancelled, other] = room.guests as [TestGuest, TestGuest, TestGuest];
  for (const guest of room.guests) expect((await here(guest)).status).toBe(200);
  await server.database.transaction(null, (transaction) =>
    cancelUpcomingRegistrations(room.organization.id, transaction, [cancelled.userId], server.clock.now()),
  );
  room.moveTo(1);
  await deactivateUsers(room.organization, { id: deactivated.userId });
  for (const guest of [deactivated, cancelled]) {
    expect((await here(guest)).status).toBe(409);
    expect((await guest.post('move', { from: null, step: 0 })).status).toBe(409);
    expect((await guest.post('end', {})).status).toBe(409);
    expect((await guest.get('state')).status).toBe(409);
    expect((await guest.get('events')).status).toBe(409);
  }
  expect((await here(other)).status).toBe(200);
});

test('the first who is there at the start has the group shown its first step', async () => {
  const room = await makeRoom(server, { minute: -1 });
  const [first, second] = room.guests as [TestGuest, TestGuest];
  const shown = () => listShownSteps(room.organization.id, server.database.reader, room.session.id);
  await here(first);
  expect(await shown()).toEqual([]);
  room.moveTo(0);
  await first.post('signal', { tab: 'tab1', kind: 'leaving' });
  expect(await shown()).toEqual([]);
  await here(second);
  await here(first);
  expect(await shown()).toEqual([{ step: 0, fromAt: room.session.scheduledStartAt, toAt: null }]);
});

test('somebody who comes after the scheduled end still counts until the room closes', async () => {
  const room = await makeRoom(server, { minute: 70 });
  await endDueSessions(contextOf(server), room.organization.id);
  const guest = firstOf(room);
  await stay(guest, 9);
  const [completion] = (await readCompletions(room.organization)).filter(({ attended }) => attended);
  expect(completion).toMatchObject({ remoteUserId: 'E0', timeInSessionMins: 2, stepsVisited: 1, totalSteps: 3 });
});

test('a page gone wild is slowed down, and the others of its group are not', async () => {
  const room = await makeRoom(server);
  const [wild, calm] = room.guests as [TestGuest, TestGuest];
  const statuses: number[] = [];
  for (let count = 0; count < 70; count++) statuses.push((await here(wild)).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(60);
  const reply = await here(wild);
  expect(reply.status).toBe(429);
  expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  expect((await here(calm)).status).toBe(200);
  server.clock.advance(60 * SECOND_MS);
  expect((await here(wild)).status).toBe(200);
});

test('a link that is nobody’s leads nowhere, whatever is sent to it', async () => {
  const { guests } = await makeRoom(server);
  const real = guests[0]?.registration.joinToken ?? '';
  for (const token of ['x', `${real.slice(0, -1)}${real.endsWith('A') ? 'B' : 'A'}`, `zz.${real.split('.')[1]}`]) {
    for (const name of ['signal', 'move', 'end', 'feedback']) {
      const reply = await server.request(`/join/${token}/${name}`, { method: 'POST', body: {} });
      expect([reply.status, reply.json<{ success: boolean }>().success]).toEqual([404, false]);
    }
    expect((await server.request(`/join/${token}/events`)).status).toBe(404);
    expect((await server.request(`/join/${token}`)).status).toBe(404);
  }
});
